import { BLOCK, FORMATTING, IMPLIED_END, IMPLIED_STOP, SCOPE, TAG_NUMBERS, Tag } from './tags.js'

/**
 * Deeper elements become siblings, as browsers do (Chrome's limit). It bounds every search of the
 * stack, so no nesting makes a page quadratic.
 */
export const MAX_DEPTH = 512

/**
 * The stack of open elements, and the part of HTML's tree construction that decides where text
 * lands: implied end tags, misnested end tags, unclosed elements.
 */
export class OpenElements {
  depth = 0
  /** Elements opened beyond MAX_DEPTH and not ended yet: their end tags end nothing else. */
  #beyond = 0
  readonly #nodes = new Int32Array(MAX_DEPTH)
  readonly #tags = new Uint16Array(MAX_DEPTH)
  readonly #open = new Uint16Array(TAG_NUMBERS)
  readonly #ended: (node: number) => void

  constructor(ended: (node: number) => void) {
    this.#ended = ended
  }

  /** Node that the next one becomes a child of; -1 before the first. */
  get current(): number {
    return this.depth === 0 ? -1 : (this.#nodes[this.depth - 1] as number)
  }

  get currentTag(): number {
    return this.depth === 0 ? -1 : (this.#tags[this.depth - 1] as number)
  }

  isOpen(tag: number): boolean {
    return (this.#open[tag] as number) > 0
  }

  push(node: number, tag: number): void {
    if (this.depth === MAX_DEPTH) {
      this.#beyond++
      return
    }
    this.#nodes[this.depth] = node
    this.#tags[this.depth] = tag
    this.depth++
    this.#open[tag] = (this.#open[tag] as number) + 1
  }

  /** Ends the elements whose end tag may be left out before a start tag of `tag`. */
  endImplied(tag: number): void {
    if (this.#beyond > 0) return
    if (tag === Tag.a) this.#endLink()
    const ended = IMPLIED_END[tag]
    if (ended === undefined) return
    for (let level = this.depth - 1; level >= 0; level--) {
      const open = this.#tags[level] as number
      if (ended[open] === 1) this.popTo(level)
      else if (IMPLIED_STOP[open] === 1) return
    }
  }

  /** Handles an end tag; returns whether an element was ended. */
  end(tag: number): boolean {
    if (this.#beyond > 0) {
      this.#beyond--
      return true
    }
    if (!this.isOpen(tag)) return false
    const formatting = FORMATTING[tag] === 1
    for (let level = this.depth - 1; level >= 0; level--) {
      const open = this.#tags[level] as number
      if (open === tag) {
        this.popTo(level)
        return true
      }
      if (formatting ? BLOCK[open] === 1 : SCOPE[open] === 1 && SCOPE[tag] === 0) return false
    }
    return false
  }

  /** Ends everything from `level` of the stack inwards. */
  popTo(level: number): void {
    while (this.depth > level) {
      this.depth--
      const tag = this.#tags[this.depth] as number
      this.#open[tag] = (this.#open[tag] as number) - 1
      this.#ended(this.#nodes[this.depth] as number)
    }
  }

  /** A link in a link: the outer one was never closed. */
  #endLink(): void {
    if (!this.isOpen(Tag.a)) return
    for (let level = this.depth - 1; level >= 0; level--) {
      const open = this.#tags[level] as number
      if (open === Tag.a) {
        this.popTo(level)
        return
      }
      if (BLOCK[open] === 1) return
    }
  }
}
