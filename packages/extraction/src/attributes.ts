import { WordTable } from './word-table.js'

/** Attributes that a decision rests on; the rest is not even cut out of the page. */
const NAMES =
  'class id role hidden style aria-hidden itemprop itemtype content name property lang type ' +
  'http-equiv datetime pubdate'

const names = new WordTable(NAMES.split(' '))

function attribute(name: string): number {
  const number = names.find(name, 0, name.length)
  if (number === 0) throw new TypeError(`no such attribute: ${name}`)
  return number
}

export const Attribute = {
  class: attribute('class'),
  id: attribute('id'),
  role: attribute('role'),
  hidden: attribute('hidden'),
  style: attribute('style'),
  ariaHidden: attribute('aria-hidden'),
  itemprop: attribute('itemprop'),
  itemtype: attribute('itemtype'),
  content: attribute('content'),
  name: attribute('name'),
  property: attribute('property'),
  lang: attribute('lang'),
  type: attribute('type'),
  httpEquiv: attribute('http-equiv'),
  datetime: attribute('datetime'),
  pubdate: attribute('pubdate'),
} as const

/** Longest part of a value that is looked at, in characters; class lists of utilities run long. */
const MAX_VALUE = 400
export const MAX_META_VALUE = 4000

/** The attributes of one start tag at a time, as places in the page: most are never cut out. */
export class Attributes {
  /** Bit `n` is set when attribute `n` stands in the tag. */
  present = 0
  readonly #html: string
  readonly #from = new Int32Array(names.list.length)
  readonly #to = new Int32Array(names.list.length)

  constructor(html: string) {
    this.#html = html
  }

  /** Notes an attribute by the places of its name and value, unless no decision rests on it; the first of a name counts. */
  note(from: number, to: number, valueFrom: number, valueTo: number): void {
    const name = names.find(this.#html, from, to)
    if (name === 0 || this.has(name)) return
    this.present |= 1 << name
    this.#from[name] = valueFrom
    this.#to[name] = valueTo
  }

  has(name: number): boolean {
    return ((this.present >> name) & 1) === 1
  }

  /** The raw value, '' when it is empty or there is none. */
  value(name: number): string {
    if (!this.has(name)) return ''
    const from = this.#from[name] as number
    const limit = name === Attribute.content ? MAX_META_VALUE : MAX_VALUE
    return this.#html.slice(from, Math.min(this.#to[name] as number, from + limit))
  }
}
