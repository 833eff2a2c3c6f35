import { decodeHTML, decodeHTMLAttribute } from 'entities'
import { Attribute, Attributes, MAX_META_VALUE } from './attributes.js'
import { OpenElements } from './open-elements.js'
import { scanTags, type TagHandler } from './scan.js'
import {
  FIRST_UNKNOWN_TAG,
  MAX_UNKNOWN_TAGS,
  PREFORMATTED,
  RAW_TEXT,
  TAG_NAMES,
  Tag,
  TEXT,
  VOID,
} from './tags.js'
import { type PageHead, type PageTree, TreeBuilder } from './tree.js'

/** No page says more about itself; hostile ones try. */
const MAX_METAS = 1000
const MAX_TIMES = 200
const MAX_JSON_LD = 64

/** Most pages have fewer nodes than one per so many characters (85 on average). */
const CHARACTERS_PER_NODE = 48

const HIDDEN_STYLE = /(?:^|[;\s])(?:display\s?:\s?none|visibility\s?:\s?hidden)/i

/** Which attributes say what: a hint of the content, that it is hidden, something about the page. */
const HINTING = bits('class', 'id', 'role', 'itemprop', 'itemtype')
const HIDING = bits('hidden', 'ariaHidden', 'style')
const TELLING = bits('lang', 'type', 'datetime')

function bits(...list: (keyof typeof Attribute)[]): number {
  return list.reduce((set, name) => set | (1 << Attribute[name]), 0)
}

/** Parses any string as HTML, in time linear in its length; never throws. */
export function parsePage(html: string): PageTree {
  const parser = new PageParser(html)
  scanTags(html, parser)
  return parser.finish()
}

class PageParser implements TagHandler {
  readonly #html: string
  readonly #tree: TreeBuilder
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
  readonly #attributes: Attributes

  constructor(html: string) {
    this.#html = html
    this.#tree = new TreeBuilder(16 + Math.ceil(html.length / CHARACTERS_PER_NODE))
    this.#attributes = new Attributes(html)
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
    this.#attributes.note(from, to, valueFrom, valueTo)
  }

  startTagEnd(selfClosing: boolean): string {
    const tag = this.#tag
    // Node 0 is the html element, whether the page writes it or not; a second body is none.
    if (tag === Tag.html || (tag === Tag.body && this.#open.isOpen(tag))) {
      if (tag === Tag.html) this.#readAttributes(0, tag)
      this.#attributes.present = 0
      return ''
    }
    this.#open.endImplied(tag)
    const node = this.#add(tag, this.#tagFrom)
    this.#aside = ''
    this.#readAttributes(node, tag)
    this.#attributes.present = 0
    if (VOID[tag] === 1 || (selfClosing && this.#foreign > 0)) return ''
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
    if (PREFORMATTED[this.#open.currentTag] === 0 && this.#isBlank(from, to)) {
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

  #readAttributes(node: number, tag: number): void {
    const { present } = this.#attributes
    if (present === 0) return
    if (tag === Tag.meta) this.#readMeta()
    else {
      if (present & HINTING) this.#describe(node)
      if (present & HIDING && this.#isHidden()) this.#tree.hidden[node] = 1
      if (present & TELLING) this.#readHead(node, tag)
    }
  }

  #describe(node: number): void {
    const attributes = this.#attributes
    let hint = attributes.value(Attribute.class)
    const id = attributes.value(Attribute.id)
    if (id !== '') hint = hint === '' ? id : `${hint} ${id}`
    const role = attributes.value(Attribute.role)
    if (role !== '') hint += ` role=${role}`
    const itemprop = attributes.value(Attribute.itemprop)
    if (itemprop !== '') hint += ` itemprop=${itemprop}`
    const itemtype = attributes.value(Attribute.itemtype)
    if (itemtype !== '') hint += ` itemtype=${itemtype}`
    this.#tree.describe(node, hint)
  }

  #isHidden(): boolean {
    const attributes = this.#attributes
    return (
      (attributes.has(Attribute.hidden) && attributes.value(Attribute.hidden) !== 'until-found') ||
      attributes.value(Attribute.ariaHidden) === 'true' ||
      HIDDEN_STYLE.test(attributes.value(Attribute.style))
    )
  }

  #readMeta(): void {
    const { metas } = this.#head
    const attributes = this.#attributes
    const key =
      attributes.value(Attribute.property) ||
      attributes.value(Attribute.name) ||
      attributes.value(Attribute.httpEquiv) ||
      attributes.value(Attribute.itemprop)
    const content = attributes.value(Attribute.content)
    if (key !== '' && content !== '' && metas.length < MAX_METAS)
      metas.push([key.toLowerCase().trim(), decodeHTMLAttribute(content).trim()])
  }

  #readHead(node: number, tag: number): void {
    const head = this.#head
    const attributes = this.#attributes
    if (tag === Tag.html) {
      head.lang ||= attributes.value(Attribute.lang)
    } else if (tag === Tag.script) {
      if (/^\s*application\/ld\+json/i.test(attributes.value(Attribute.type))) this.#aside = 'json'
    } else if (attributes.has(Attribute.datetime) && head.times.length < MAX_TIMES) {
      const value = attributes.value(Attribute.datetime)
      const published =
        attributes.has(Attribute.pubdate) ||
        /date(?:published|created)/i.test(attributes.value(Attribute.itemprop))
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
    const known = TAG_NAMES.find(this.#html, from, to)
    if (known !== 0) return known
    const written = this.#html.slice(from, Math.min(to, from + 64))
    let id = this.#unknown.get(written)
    if (id !== undefined) return id
    const name = written.toLowerCase()
    // A letter outside of ASCII can have a small form within: the Kelvin sign.
    id = TAG_NAMES.find(name, 0, name.length) || this.#unknown.get(name)
    if (id !== undefined) return id
    id = FIRST_UNKNOWN_TAG + Math.min(this.#unknown.size, MAX_UNKNOWN_TAGS)
    if (this.#unknown.size < MAX_UNKNOWN_TAGS) this.#unknown.set(name, id)
    return id
  }
}
