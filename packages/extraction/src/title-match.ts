import type { PageTree } from './tree.js'

/** As much of a text as is looked for in the title, in characters, and the least of it that counts. */
const LONGEST = 60
const SHORTEST = 4

const FILTER_BITS = 12

/**
 * Tells whether a text begins with a part of the page's title, in any case.
 *
 * Nearly all texts do not, and their first four characters say so: a table holds a mark for every four characters
 * that follow each other in the title.
 */
export class TitleMatch {
  readonly #title: string
  readonly #filter = new Uint8Array(1 << FILTER_BITS)

  constructor(title: string) {
    this.#title = title.toLowerCase()
    let four = 0
    for (let at = 0; at < this.#title.length; at++) {
      four = withNext(four, this.#title.charCodeAt(at))
      if (at + 1 >= SHORTEST) this.#filter[slotOf(four)] = 1
    }
  }

  /** Whether the title holds what the text node begins with, at least four characters and at most 60. */
  holdsStartOf(tree: PageTree, node: number): boolean {
    const { html } = tree
    let from = tree.from[node] as number
    const to = Math.min(tree.to[node] as number, from + LONGEST)
    while (from < to && isSpace(html.charCodeAt(from))) from++
    if (to - from < SHORTEST) return false
    let four = 0
    for (let at = from; at < from + SHORTEST; at++) {
      const code = html.charCodeAt(at)
      // Other capitals than those of ASCII, and other spaces, are left to the engine.
      if (code > 127) return this.#holds(html.slice(from, to))
      four = withNext(four, code >= 65 && code <= 90 ? code + 32 : code)
    }
    return this.#filter[slotOf(four)] === 1 && this.#holds(html.slice(from, to))
  }

  #holds(text: string): boolean {
    const start = text.trim().toLowerCase()
    return start.length >= SHORTEST && this.#title.includes(start)
  }
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

/** Four characters of which the last comes new, as one number: their lowest eight bits. */
const withNext = (four: number, code: number): number => (four << 8) | (code & 0xff)

const slotOf = (four: number): number => Math.imul(four, 0x9e3779b1) >>> (32 - FILTER_BITS)
