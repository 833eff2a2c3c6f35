import { decodeHTML } from 'entities'
import { findBlocks } from './blocks.js'
import { readLinkedData } from './json-ld.js'
import { type PageKind, pageKind } from './kind.js'
import { locateContent } from './locate.js'
import { measure } from './measure.js'
import { readMetadata } from './metadata.js'
import { parsePage } from './parse.js'
import { renderText } from './render.js'
import { DataRows } from './rows.js'
import { NO_MAIN_CONTENT, NOT_HTML } from './rules.js'
import { FIRST_UNKNOWN_TAG, Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

export interface ExtractOptions {
  /** Address of the page; it helps to tell its kind and date. */
  readonly url?: string
  /** Language to report when the page names none, as from the HTTP header. */
  readonly baseLanguageHint?: string
}

export interface ExtractedPage {
  readonly title: string
  /** Day of publication as YYYY-MM-DD, '' when unknown. */
  readonly date: string
  /** Language the page claims to be in (`en`), '' when it claims none. A hint: the text decides. */
  readonly language: string
  /** Main content; '' when there is none. */
  readonly text: string
  readonly kind: PageKind
  /** Why `text` is empty. */
  readonly discarded?: typeof NO_MAIN_CONTENT | typeof NOT_HTML
}

/**
 * A page is read up to here, in characters: twice the longest that Common Crawl keeps (5 MiB). It bounds the
 * memory that one page can take to about 500 MB.
 */
const MAX_PAGE = 10_000_000

/** With less text on the page than this, in characters, a body given as JSON-LD stands in for it. */
const LITTLE_TEXT = 250

/**
 * Finds the main content of an HTML page and writes it as text.
 *
 * Any string is taken; the work is linear in its length, and nothing is thrown.
 *
 * @param html the page, decoded; what lies beyond 10 million characters is not read
 */
export function extractPage(html: string, options: ExtractOptions = {}): ExtractedPage {
  const url = options.url ?? ''
  const tree = parsePage(html.length > MAX_PAGE ? html.slice(0, MAX_PAGE) : html)
  const kind = pageKind(tree, url)
  const linked = readLinkedData(tree.head.jsonLd)
  const metadata = readMetadata(tree, linked, url)
  const page = {
    ...metadata,
    language: metadata.language || (options.baseLanguageHint ?? ''),
    kind,
  }
  if (!isHtml(tree)) return { ...page, text: '', discarded: NOT_HTML }
  const text = mainText(tree, kind, linked.body)
  return text === '' ? { ...page, text, discarded: NO_MAIN_CONTENT } : { ...page, text }
}

function mainText(tree: PageTree, kind: PageKind, linkedBody: string): string {
  const measures = measure(tree)
  const blocks = findBlocks(tree, measures)
  const rows = new DataRows(tree, measures)
  const kept = locateContent(tree, measures, blocks, kind, rows)
  const text = renderText(tree, measures, blocks, kept, rows)
  if (text.length >= LITTLE_TEXT || linkedBody.length <= 2 * text.length) return text
  return plainText(linkedBody)
}

/** A JSON-LD text may itself be HTML, escaped once or not at all. */
function plainText(body: string): string {
  const tree = parsePage(body.includes('<') ? body : decodeHTML(body))
  const measures = measure(tree)
  const blocks = findBlocks(tree, measures)
  const all = new Uint8Array(blocks.count).fill(1)
  return renderText(tree, measures, blocks, all, new DataRows(tree, measures))
}

/** Whether an element of HTML stands on the page, and its first is not that of a feed or site map. */
function isHtml(tree: PageTree): boolean {
  let first = true
  for (let node = 1; node < tree.count; node++) {
    const name = tree.tag[node] as number
    if (name === TEXT) continue
    if (name < FIRST_UNKNOWN_TAG && name !== Tag.title) return true
    if (first && FEED.test(tree.html.slice(tree.from[node], (tree.from[node] as number) + 12)))
      return false
    first = false
  }
  return tree.head.lang !== '' || tree.head.title !== ''
}

const FEED = /^(?:rss|feed|urlset|sitemapindex|rdf:rdf)\b/i
