// Writes dist/language-model.bin: eld's extra small n-gram data in flat arrays, to be read at once (src/language-model.ts).
// As the JavaScript module that it comes in it takes 0.2 s and 50,000 objects in every thread.
import { mkdirSync, writeFileSync } from 'node:fs'

const entry = import.meta.resolve('eld/extrasmall')
const { ngramsData } = await import(new URL('../ngrams/extrasmall.js', entry).href)
const { dictionary } = await import(new URL('../dictionary.js', entry).href)

const SPACE = 0x20
/** eld writes bytes beyond ASCII as characters of its own; all that begin no character it knows are one space. */
const bytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 && (dictionary[byte] ?? ' ') === ' ' ? SPACE : byte,
)
const byteOf = new Map()
for (let byte = 0; byte < 0x80; byte++) byteOf.set(String.fromCharCode(byte), byte)
for (let byte = 0x80; byte < 256; byte++)
  if (bytes[byte] !== SPACE) byteOf.set(dictionary[byte], byte)

const ngrams = Object.entries(ngramsData.ngrams)
const starts = new Uint32Array(ngrams.length)
const ends = new Uint16Array(ngrams.length)
const counts = new Uint8Array(ngrams.length)
const scores = []
ngrams.forEach(([ngram, languages], i) => {
  const key = new Uint8Array(6)
  if (ngram.length > key.length) throw new Error(`the n-gram ${JSON.stringify(ngram)} is too long`)
  for (let at = 0; at < ngram.length; at++) key[at] = byteOf.get(ngram[at])
  const view = new DataView(key.buffer)
  starts[i] = view.getUint32(0, true)
  ends[i] = view.getUint16(4, true)
  const pairs = Object.entries(languages)
  counts[i] = pairs.length
  for (const [language, score] of pairs) scores.push(Number(language), score)
})

const languages = Object.values(ngramsData.languages).join(' ')
const sizes = Uint32Array.of(ngrams.length, scores.length, languages.length)
const folder = new URL('../dist/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(
  new URL('language-model.bin', folder),
  Buffer.concat(
    [sizes, starts, ends, counts, Uint8Array.from(scores), bytes, Buffer.from(languages)].map(
      (part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    ),
  ),
)
