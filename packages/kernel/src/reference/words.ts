import { type Folded, foldCodePoint } from './fold.js'
import { decode } from './utf8.js'

/** A word of the normalised text and the bytes [start, end) of the original text it stood in. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

interface OpenWord {
  text: string
  readonly start: number
  readonly alone: boolean
}

/** The normalised words of one text. */
export function wordsOf(bytes: Uint8Array): Word[] {
  const words: Word[] = []
  let open: OpenWord | undefined
  const close = (end: number): void => {
    if (open !== undefined) words.push({ text: open.text, start: open.start, end })
    open = undefined
  }
  for (const { codePoint, start, end } of decode(bytes)) {
    const parts: readonly Folded[] =
      codePoint < 0 ? [{ kind: 'separator', codePoint }] : foldCodePoint(codePoint)
    parts.forEach((part, index) => {
      const begins = part.kind === 'alone' || (part.kind === 'letter' && open?.alone === true)
      // What one code point opens and closes itself ends where the code point ends.
      if (part.kind === 'separator' || begins) close(index === 0 ? start : end)
      if (part.kind === 'separator') return
      open ??= { text: '', start, alone: part.kind === 'alone' }
      open.text += String.fromCodePoint(part.codePoint)
    })
  }
  close(bytes.length)
  return words
}
