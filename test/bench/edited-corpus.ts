import { RandomStream } from './random.js'
import { type BenchLanguage, type Writing, writingOf } from './writing.js'

/** What was done to a copy. Percentages are the share of words (letters where no spaces are written) replaced. */
export const EDITS = ['1 %', '2 %', '5 %', '10 %', 'boilerplate', 'moved', 'surface'] as const
export type Edit = (typeof EDITS)[number]

export interface EditedDocument {
  readonly id: string
  readonly text: string
}

/** An original and its copy, as positions in the corpus; either may stand first. */
export interface EditedPair {
  readonly original: number
  readonly copy: number
  readonly edit: Edit
}

export interface EditedCorpus {
  readonly documents: readonly EditedDocument[]
  readonly pairs: readonly EditedPair[]
}

export interface EditedCorpusOptions {
  readonly originals: number
  readonly language: BenchLanguage
  readonly seed?: number
  /** Folder with real texts. */
  readonly data?: string | undefined
}

/**
 * Originals, one edited copy of each, the edits in equal shares, and as many documents without a copy, in random order.
 * The same documents for the same options. Ids tell nothing.
 */
export function editedCorpus(options: EditedCorpusOptions): EditedCorpus {
  const { originals, language, seed = 1, data } = options
  const writing = writingOf(language, data)
  const random = new RandomStream(seed, 0)
  const texts: string[] = []
  for (let i = 0; i < originals; i++) {
    const original = writing.document(random)
    texts.push(original, edited(original, editOf(i), writing, random), writing.document(random))
  }
  const order = random.shuffle(Array.from(texts, (_, i) => i))
  const documents = order.map((from, at) => ({ id: `${at}`, text: texts[from] as string }))
  const place = new Int32Array(texts.length)
  for (const [at, from] of order.entries()) place[from] = at
  const pairs = Array.from({ length: originals }, (_, i) => ({
    original: place[3 * i] as number,
    copy: place[3 * i + 1] as number,
    edit: editOf(i),
  }))
  return { documents, pairs }
}

function editOf(i: number): Edit {
  return EDITS[i % EDITS.length] as Edit
}

/** The text after one edit. */
export function edited(text: string, edit: Edit, writing: Writing, random: RandomStream): string {
  switch (edit) {
    case 'boilerplate':
      return withBoilerplate(text, writing.boilerplate, random)
    case 'moved':
      return withParagraphsMoved(text, random)
    case 'surface':
      return writing.surface(text, random)
    default:
      return withWordsReplaced(text, Number.parseFloat(edit) / 100, writing, random)
  }
}

/** At least one word is replaced. */
function withWordsReplaced(
  text: string,
  share: number,
  writing: Writing,
  random: RandomStream,
): string {
  const pieces = writing.pieces(text)
  const words = [...pieces.keys()].filter((i) => writing.isWord(pieces[i] as string))
  const chosen = random.shuffle(words).slice(0, Math.max(1, Math.round(share * words.length)))
  for (const i of chosen) {
    const before = pieces[i]
    while (pieces[i] === before) pieces[i] = writing.word(random)
  }
  return pieces.join('')
}

/** Lines before and after that make up 10 to 20 % of the original's length. */
function withBoilerplate(text: string, lines: readonly string[], random: RandomStream): string {
  const half = (0.05 + 0.05 * random.next()) * text.length
  const block = () => {
    let out = ''
    for (const line of random.shuffle([...lines])) {
      if (out.length >= half) break
      out += `${line}\n`
    }
    return out
  }
  return `${block()}\n${text}\n\n${block()}`
}

function withParagraphsMoved(text: string, random: RandomStream): string {
  const paragraphs = text.split('\n\n')
  const before = paragraphs.join('\n\n')
  let after = before
  while (after === before) after = random.shuffle(paragraphs).join('\n\n')
  return after
}
