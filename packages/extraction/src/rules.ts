import type { RuleDescription } from '@winnow/core'

export const NO_MAIN_CONTENT = 'extract.no_main_content'
export const NOT_HTML = 'extract.not_html'

/** Why the extraction of a page can end without a document. */
export const EXTRACTION_RULES: readonly RuleDescription[] = [
  {
    reason: NO_MAIN_CONTENT,
    stage: 'extract',
    set: 'extract',
    action: 'drop',
    description: 'nothing is left once navigation, ads and other page furniture are removed',
    source: 'docs/decisions/0008-extraction.md',
  },
  {
    reason: NOT_HTML,
    stage: 'extract',
    set: 'extract',
    action: 'drop',
    description:
      'the record claims to be a page but holds no HTML element, or is a feed or site map',
    source: 'docs/decisions/0008-extraction.md',
  },
]
