import { loadBlockLists, type Screening } from '@winnow/extractor'
import { identifyLanguages, urlRules } from '@winnow/quality'
import type { RunConfig } from '@winnow/runtime'

/** The quality rules that the extractor asks: URLs before a page is parsed, languages of texts. */
export async function createScreening({ stages, quality }: RunConfig): Promise<Screening> {
  const rules = stages.includes('quality')
    ? urlRules(await loadBlockLists(quality.blockLists))
    : undefined
  return { url: (url) => rules?.match(url), identify: identifyLanguages }
}
