import { loadBlockLists, type Screening } from '@winnow/extractor'
import { identifyLanguages, urlRules } from '@winnow/quality'
import type { RunConfig } from '@winnow/runtime'

/** The quality rules that the extractor asks: URLs before a page is parsed, languages of texts. None without that stage. */
export async function createScreening({ stages, quality }: RunConfig): Promise<Screening> {
  if (!stages.includes('quality')) return { url: () => undefined }
  const rules = urlRules(await loadBlockLists(quality.blockLists))
  return { url: (url) => rules.match(url), identify: identifyLanguages }
}
