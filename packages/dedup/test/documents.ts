import { type Utf8Column, utf8Column } from '@winnow/core'
import { type Signatures, sign } from '@winnow/kernel'
import { type DedupParameters, signOptionsOf } from '../src/parameters.js'

export interface TestDocument {
  readonly id: string
  readonly url: string
  readonly text: string
}

/** Numbers in [0, 1) that depend on the seed alone (Park and Miller). */
export function randomNumbers(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/**
 * A corpus in which about half of the documents are copies of an earlier one: by URL, by text up to case and punctuation,
 * with some words replaced, or edited again and again; some are empty.
 */
export function testCorpus(count: number, seed: number): TestDocument[] {
  const random = randomNumbers(seed)
  const pick = (limit: number): number => Math.floor(random() * limit)
  const word = (): string => `word${pick(3000)}`
  const out: TestDocument[] = []
  for (let i = 0; i < count; i++) {
    const id = `d${i}`
    const url = random() < 0.1 ? '' : `https://site${pick(50)}.example/page/${i}`
    const fresh = Array.from({ length: 20 + pick(60) }, word).join(' ')
    const model = out[pick(out.length)]
    const way = random()
    if (model === undefined || way < 0.45) out.push({ id, url, text: fresh })
    else if (way < 0.55)
      out.push({ id, url: `${model.url.replace('https', 'http')}/#top`, text: fresh })
    else if (way < 0.7) out.push({ id, url, text: `  ${model.text.toUpperCase()}!` })
    else if (way < 0.95) {
      const words = model.text.split(' ')
      for (let edits = 1 + pick(3); edits > 0; edits--) words[pick(words.length)] = word()
      out.push({ id, url, text: words.join(' ') })
    } else out.push({ id, url, text: way < 0.97 ? '' : ' ... !' })
  }
  return out
}

export function signDocuments(
  documents: readonly TestDocument[],
  parameters: DedupParameters,
): { signatures: Signatures; urls: Utf8Column } {
  return {
    signatures: sign(
      utf8Column(documents.map((document) => document.text)),
      signOptionsOf(parameters),
    ),
    urls: utf8Column(documents.map((document) => document.url)),
  }
}

/** Cuts a list into pieces of random lengths, some of them empty. */
export function cutAtRandom<Item>(items: readonly Item[], seed: number): Item[][] {
  const random = randomNumbers(seed)
  const pieces: Item[][] = []
  for (let at = 0; at < items.length; ) {
    const length = Math.floor(random() * 40)
    pieces.push(items.slice(at, at + length))
    at += length
  }
  return pieces
}
