import type { PageTree } from './tree.js'

/** What sort of page it is, as far as its own words and address tell. */
export type PageKind = 'article' | 'forum' | 'product' | 'other'

const JSON_LD_TYPE = /"@type"\s{0,9}:\s{0,9}\[?\s{0,9}"([A-Za-z]{2,40})"/g
/** JSON-LD looked at per script, in characters: types stand early. */
const MAX_JSON_LD = 200_000

const FORUM_TYPES = ['DiscussionForumPosting', 'QAPage', 'SocialMediaPosting']
const ARTICLE_TYPES = [
  'Article',
  'NewsArticle',
  'BlogPosting',
  'ReportageNewsArticle',
  'OpinionNewsArticle',
  'AnalysisNewsArticle',
  'TechArticle',
  'LiveBlogPosting',
  'ScholarlyArticle',
]

/** Forum programs say who they are in the generator tag or in ids and classes of their templates. */
const FORUM_GENERATOR =
  /discourse|phpbb|vbulletin|xenforo|mybb|invision|flarum|vanilla|simple machines|nodebb|fluxbb|punbb|woltlab|burning board/i

const FORUM_URL =
  /^https?:\/\/(?:[^/]*\.)?(?:forums?|boards?|bbs|discuss|discussions?)\.|\/(?:forums?|threads?|topics?|viewtopic|showthread|boards?|bbs|discussions?|questions\/\d|t\/[^/]+\/\d|comments\/[a-z0-9]+\/)(?:[/.?-]|$)|[?&](?:topic|thread)=|\/(?:viewtopic|showthread)\.php|\/(?:thread|topic)-?\d/i

const PRODUCT_URL = /\/(?:products?|dp|p|item|itm)\/[^/]+/i

export function pageKind(tree: PageTree, url: string): PageKind {
  const types = schemaTypes(tree)
  const meta = (key: string) => tree.head.metas.find(([name]) => name === key)?.[1] ?? ''
  const has = (names: readonly string[]) => names.some((name) => types.has(name))
  if (has(FORUM_TYPES) || FORUM_GENERATOR.test(meta('generator'))) return 'forum'
  const ogType = meta('og:type').toLowerCase()
  if (has(ARTICLE_TYPES)) return 'article'
  if (FORUM_URL.test(url.slice(0, 500))) return 'forum'
  if (ogType.startsWith('product') || meta('product:price:amount') !== '') return 'product'
  if (types.has('Product') && (types.has('Offer') || PRODUCT_URL.test(url))) return 'product'
  if (ogType === 'article') return 'article'
  return 'other'
}

/** Schema.org type names on the page, from JSON-LD and microdata. */
export function schemaTypes(tree: PageTree): Set<string> {
  const types = new Set<string>()
  for (const script of tree.head.jsonLd)
    for (const match of script.slice(0, MAX_JSON_LD).matchAll(JSON_LD_TYPE))
      types.add(match[1] as string)
  if (!tree.hintText.includes('itemtype=')) return types
  for (const hint of tree.hints) {
    const at = hint.indexOf('itemtype=')
    if (at < 0) continue
    const name = hint.slice(hint.lastIndexOf('/') + 1).trim()
    if (hint.includes('schema.org', at)) types.add(name)
  }
  return types
}
