import { decodeHTML } from 'entities'
import { dateInUrl, isoDate } from './dates.js'
import type { LinkedData } from './json-ld.js'
import { Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

export interface PageMetadata {
  readonly title: string
  /** YYYY-MM-DD, '' when the page does not say. */
  readonly date: string
  /** Primary language subtag in lower case, '' when the page does not say. */
  readonly language: string
}

const PUBLISHED_KEYS = [
  'article:published_time',
  'datepublished',
  'og:published_time',
  'date',
  'dc.date',
  'dc.date.issued',
  'dc.date.created',
  'dcterms.date',
  'dcterms.issued',
  'dcterms.created',
  'pubdate',
  'publishdate',
  'publish-date',
  'publish_date',
  'publication_date',
  'published_time',
  'parsely-pub-date',
  'sailthru.date',
  'article.published',
  'citation_publication_date',
  'citation_date',
  'rnews:datepublished',
]
const MODIFIED_KEYS = [
  'article:modified_time',
  'og:updated_time',
  'datemodified',
  'last-modified',
  'dcterms.modified',
]

const MAX_TITLE = 500

/** Title, date and language of a page, from the most to the least reliable of what it says. */
export function readMetadata(tree: PageTree, linked: LinkedData, url: string): PageMetadata {
  const metas = new Map<string, string>()
  for (const [key, value] of tree.head.metas) if (!metas.has(key)) metas.set(key, value)
  return {
    title: titleOf(tree, metas, linked),
    date: dateOf(tree, metas, linked, url),
    language: languageOf(tree, metas),
  }
}

function titleOf(tree: PageTree, metas: Map<string, string>, linked: LinkedData): string {
  const own = tidy(metas.get('og:title') ?? metas.get('twitter:title') ?? '')
  const page = tidy(tree.head.title)
  const title = own || tidy(decodeHTML(linked.headline)) || page || firstHeading(tree)
  return withoutSiteName(title, tidy(metas.get('og:site_name') ?? '')).slice(0, MAX_TITLE)
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** `Title | Site` -> `Title`, when the page names the site. */
function withoutSiteName(title: string, site: string): string {
  if (site === '' || !title.endsWith(site)) return title
  const rest = title.slice(0, -site.length)
  const trimmed = rest.replace(/\s{0,3}[|–—:·»•-]\s{0,3}$/, '')
  return trimmed !== rest && trimmed !== '' ? trimmed : title
}

function firstHeading(tree: PageTree): string {
  for (let node = 0; node < tree.count; node++) {
    if (tree.tag[node] !== Tag.h1) continue
    let text = ''
    for (let inner = node + 1; inner < (tree.end[node] as number); inner++)
      if (tree.tag[inner] === TEXT && text.length < MAX_TITLE)
        text += tree.html.slice(tree.from[inner], tree.to[inner])
    if (tidy(text) !== '') return tidy(decodeHTML(text))
  }
  return ''
}

function dateOf(
  tree: PageTree,
  metas: Map<string, string>,
  linked: LinkedData,
  url: string,
): string {
  const first = (texts: readonly string[]) => {
    for (const text of texts) {
      const date = text === '' ? '' : isoDate(text)
      if (date !== '') return date
    }
    return ''
  }
  const { times } = tree.head
  return (
    first(PUBLISHED_KEYS.map((key) => metas.get(key) ?? '')) ||
    first([linked.published]) ||
    first(times.filter((time) => time.published).map((time) => time.value)) ||
    dateInUrl(url) ||
    first(times.slice(0, 1).map((time) => time.value)) ||
    first(MODIFIED_KEYS.map((key) => metas.get(key) ?? '')) ||
    first([linked.modified])
  )
}

const LANGUAGE = /^\s*([a-z]{2,3})(?:[-_][a-z0-9]|\s*$|\s*,)/i

function languageOf(tree: PageTree, metas: Map<string, string>): string {
  const said = [
    tree.head.lang,
    metas.get('content-language'),
    metas.get('og:locale'),
    metas.get('language'),
    metas.get('dc.language'),
  ]
  for (const text of said) {
    const match = LANGUAGE.exec(text ?? '')
    if (match) return (match[1] as string).toLowerCase()
  }
  return ''
}
