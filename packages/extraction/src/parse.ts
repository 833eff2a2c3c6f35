import { decodeHTML, decodeHTMLAttribute } from 'entities'
import { OpenElements } from './open-elements.js'
import { scanTags, type TagHandler } from './scan.js'
import {
  FIRST_UNKNOWN_TAG,
  knownTag,
  MAX_UNKNOWN_TAGS,
  PREFORMATTED,
  RAW_TEXT,
  Tag,
  TEXT,
  VOID,
} from './tags.js'
import { type PageHead, type PageTree, TreeBuilder } from './tree.js'

/** Attributes that a decision rests on; the rest is not even cut out of the page. */
const READ_ATTRIBUTES = (
  'class id role hidden style aria-hidden itemprop itemtype content name property lang type ' +
  'http-equiv datetime pubdate'
).split(' ')

/** By length, so that most names are passed over without making a string. */
const READ_BY_LENGTH: readonly (readonly string[])[] = Array.from({ length: 12 }, (_, length) =>
  READ_ATTRIBUTES.filter((name) => name.length === length),
)

/** Longest part of a value that is looked at, in characters; class lists of utilities run long. */
const MAX_VALUE = 400
const MAX_META_VALUE = 4000
/** No page says more about itself; hostile ones try. */
const MAX_METAS = 1000
const MAX_TIMES = 200
const MAX_JSON_LD = 64

const HIDDEN_STYLE = /(?:^|[;\s])(?:display\s?:\s?none|visibility\s?:\s?hidden)/i

/** Parses any string as HTML, in time linear in its length; never throws. */
export function parsePage(html: string): PageTree {
  const parser = new PageParser(html)
  scanTags(html, parser)
  return parser.finish()
}

class PageParser implements TagHandler {
  readonly #html: string
  readonly #tree = new TreeBuilder()
  readonly #open = new OpenElements((node) => {
    this.#tree.end[node] = this.#tree.count
  })
  readonly #unknown = new Map<string, number>()
  readonly #head: PageHead = { title: '', lang: '', metas: [], jsonLd: [], times: [] }
  #foreign = 0
  /** Set while inside the element whose text is taken aside: title or JSON-LD. */
  #aside: 'title' | 'json' | '' = ''

  #tag = 0
  #tagFrom = 0
  #values = new Map<string, string>()

  constructor(html: string) {
    this.#html = html
    this.#open.push(this.#tree.add(Tag.html, -1, 0, 0), Tag.html)
  }

  finish(): PageTree {
    this.#open.popTo(0)
    return this.#tree.finish(this.#html, this.#head)
  }

  inForeignContent(): boolean {
    return this.#foreign > 0
  }

  startTag(from: number, to: number): void {
    this.#tag = this.#tagNumber(from, to)
    this.#tagFrom = from
  }

  attribute(from: number, to: number, valueFrom: number, valueTo: number): void {
    const candidates = READ_BY_LENGTH[to - from]
    if (candidates === undefined) return
    const first = this.#html.charCodeAt(from) | 32
    for (const name of candidates) {
      if (name.charCodeAt(0) !== first) continue
      const written = this.#html.slice(from, to)
      if (written !== name && written.toLowerCase() !== name) continue
      if (this.#values.has(name)) return
      const limit = name === 'content' ? MAX_META_VALUE : MAX_VALUE
      this.#values.set(name, this.#html.slice(valueFrom, Math.min(valueTo, valueFrom + limit)))
      return
    }
  }

  startTagEnd(selfClosing: boolean): string {
    const tag = this.#tag
    // Node 0 is the html element, whether the page writes it or not; a second body is none.
    if (tag === Tag.html || (tag === Tag.body && this.#open.isOpen(tag))) {
      if (tag === Tag.html && this.#values.size > 0) {
        this.#describe(0, tag)
        this.#readHead(0, tag)
      }
      this.#values.clear()
      return ''
    }
    this.#open.endImplied(tag)
    const node = this.#add(tag, this.#tagFrom)
    this.#aside = ''
    if (this.#values.size > 0) {
      this.#describe(node, tag)
      this.#readHead(node, tag)
      this.#values.clear()
    }
    if (VOID[tag] || (selfClosing && this.#foreign > 0)) return ''
    this.#open.push(node, tag)
    if (this.#foreign === 0) {
      if (tag === Tag.title && this.#head.title === '') this.#aside = 'title'
      const raw = RAW_TEXT[tag]
      if (raw !== undefined) return raw
    }
    if (tag === Tag.svg || tag === Tag.math) this.#foreign++
    return ''
  }

  endTag(from: number, to: number): void {
    const tag = this.#tagNumber(from, to)
    this.#aside = ''
    if (tag === Tag.br) {
      this.#add(Tag.br, from)
      return
    }
    if (tag === Tag.svg || tag === Tag.math) this.#foreign = Math.max(0, this.#foreign - 1)
    // The body's end tag often comes early; what follows it still belongs to the page.
    if (tag === Tag.body || tag === Tag.html) return
    if (!this.#open.end(tag) && tag === Tag.p) this.#add(Tag.p, from)
  }

  text(from: number, to: number): void {
    if (this.#aside !== '') {
      this.#takeAside(from, to)
      return
    }
    const parent = this.#open.current
    let end = to
    if (!PREFORMATTED[this.#open.currentTag] && this.#isBlank(from, to)) {
      // Between blocks white space is layout; inside a line it parts words, and one character does.
      const last = this.#tree.count - 1
      if (last >= 0 && this.#tree.tag[last] === TEXT) return
      end = from + 1
    }
    this.#tree.add(TEXT, parent, from, end)
  }

  #add(tag: number, at: number): number {
    return this.#tree.add(tag, this.#open.current, at, at)
  }

  #describe(node: number, tag: number): void {
    if (tag === Tag.meta) return
    const values = this.#values
    let hint = values.get('class') ?? ''
    const id = values.get('id')
    if (id) hint = hint === '' ? id : `${hint} ${id}`
    const role = values.get('role')
    if (role) hint += ` role=${role}`
    const itemprop = values.get('itemprop')
    if (itemprop) hint += ` itemprop=${itemprop}`
    const itemtype = values.get('itemtype')
    if (itemtype) hint += ` itemtype=${itemtype}`
    const style = values.get('style')
    const hiddenValue = values.get('hidden')
    const hidden =
      (hiddenValue !== undefined && hiddenValue !== 'until-found') ||
      values.get('aria-hidden') === 'true' ||
      (style !== undefined && HIDDEN_STYLE.test(style))
    this.#tree.describe(node, hint, hidden)
  }

  #readHead(node: number, tag: number): void {
    const head = this.#head
    const values = this.#values
    if (tag === Tag.meta) {
      const key =
        values.get('property') ||
        values.get('name') ||
        values.get('http-equiv') ||
        values.get('itemprop')
      const content = values.get('content')
      if (key && content && head.metas.length < MAX_METAS)
        head.metas.push([key.toLowerCase().trim(), decodeHTMLAttribute(content).trim()])
    } else if (tag === Tag.html) {
      head.lang ||= values.get('lang') ?? ''
    } else if (tag === Tag.script) {
      if (/^\s*application\/ld\+json/i.test(values.get('type') ?? '')) this.#aside = 'json'
    } else if (head.times.length < MAX_TIMES) {
      const value = values.get('datetime')
      if (value === undefined) return
      const published =
        values.has('pubdate') || /date(?:published|created)/i.test(values.get('itemprop') ?? '')
      head.times.push({ value, published, node })
    }
  }

  #takeAside(from: number, to: number): void {
    const text = this.#html.slice(from, to)
    if (this.#aside === 'title') this.#head.title = decodeHTML(text.slice(0, MAX_META_VALUE))
    else if (this.#head.jsonLd.length < MAX_JSON_LD) this.#head.jsonLd.push(text)
    this.#aside = ''
  }

  #isBlank(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (this.#html.charCodeAt(at) > 32) return false
    return true
  }

  #tagNumber(from: number, to: number): number {
    let name = this.#html.slice(from, Math.min(to, from + 64))
    let id = knownTag(name)
    if (id !== undefined) return id
    name = name.toLowerCase()
    id = knownTag(name) ?? this.#unknown.get(name)
    if (id !== undefined) return id
    id = FIRST_UNKNOWN_TAG + Math.min(this.#unknown.size, MAX_UNKNOWN_TAGS)
    if (this.#unknown.size < MAX_UNKNOWN_TAGS) this.#unknown.set(name, id)
    return id
  }
}
