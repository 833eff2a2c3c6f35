/** First characters and lengths of a set of words: most of what is not in the set is told by them. */
export class Shapes {
  /** By first character (ASCII), the lengths there are, as bits. */
  readonly #lengths = new Int32Array(128)

  /** @param words of ASCII characters, each of 1 to 31 of them */
  constructor(words: Iterable<string>) {
    for (const word of words) {
      const first = word.charCodeAt(0)
      this.#lengths[first] = (this.#lengths[first] as number) | (1 << word.length)
    }
  }

  /** Whether a word that begins with the character code and is so long can be in the set. */
  has(first: number, length: number): boolean {
    return first < 128 && length < 32 && (((this.#lengths[first] as number) >> length) & 1) === 1
  }
}

/** Finds words in a text where they stand, in any case, without cutting them out. */
export class WordTable {
  /** The words by number; 0 is no word. */
  readonly list: readonly string[]
  readonly #shapes: Shapes
  readonly #mask: number
  /** Open addressing by hash: numbers of words, 0 for none. */
  readonly #slots: Uint16Array
  /** Characters of all words, those of word `n` from `#starts[n]` on. */
  readonly #characters: Uint8Array
  readonly #starts: Uint32Array

  /** @param words of small letters, digits and ASCII marks from `-` to `=`, each of 1 to 31 characters */
  constructor(words: readonly string[]) {
    this.list = ['', ...new Set(words)]
    this.#shapes = new Shapes(words)
    this.#mask = (1 << (34 - Math.clz32(this.list.length))) - 1
    this.#slots = new Uint16Array(this.#mask + 1)
    this.#starts = new Uint32Array(this.list.length + 1)
    const text = this.list.join('')
    this.#characters = Uint8Array.from(text, (character) => character.charCodeAt(0))
    let start = 0
    for (const [number, word] of this.list.entries()) {
      this.#starts[number] = start
      start += word.length
      if (number === 0) continue
      let slot = this.#slot(word, 0, word.length)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
      this.#slots[slot] = number
    }
    this.#starts[this.list.length] = start
  }

  /** The number of the word that stands from `from` to `to`, 0 when that is none of them. */
  find(text: string, from: number, to: number): number {
    const length = to - from
    if (!this.#shapes.has(text.charCodeAt(from) | 32, length)) return 0
    let slot = this.#slot(text, from, to)
    let number = this.#slots[slot] as number
    while (number !== 0) {
      const start = this.#starts[number] as number
      if ((this.#starts[number + 1] as number) - start === length) {
        let same = 0
        while (
          same < length &&
          isLike(text.charCodeAt(from + same), this.#characters[start + same] as number)
        )
          same++
        if (same === length) return number
      }
      slot = (slot + 1) & this.#mask
      number = this.#slots[slot] as number
    }
    return 0
  }

  /** Where the search for a word begins, whatever its case. */
  #slot(text: string, from: number, to: number): number {
    let hash = 0
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (text.charCodeAt(at) | 32)) | 0
    return (hash ^ (hash >>> 7)) & this.#mask
  }
}

/** Whether a character is the given one, or the capital of that letter. */
function isLike(code: number, wanted: number): boolean {
  return code === wanted || (wanted >= 97 && (code | 32) === wanted)
}
