import { type Utf8Column, utf8Column } from '@winnow/core'
import fc from 'fast-check'

/** Alphabets whose letters fold in different ways; every one exists since Unicode 5. */
const ALPHABETS = [
  'abcXYZ019_',
  ' \t\n.,;-\u00a0\u3000\u200b\u2028\0',
  'éÀñçßØøİıſŉǅ½²ªµ™',
  'e\u0301a\u0308\u0323o\u20dd',
  'ΣσςΆώЖжЁё',
  'שָׁלוֹםمَرْحَبًاﷺﻻ',
  'हिन्दीবাংলাதமிழ்',
  '漢字㍿々〇豈',
  'かがガｶﾞﾊﾟーゞ',
  'ไทยน้ำลาวກຳខ្មែរမြန်မာ',
  '한국어각힣ㄱﾡ\u1100\u1161\u11a8\u3164',
  '😀👩\u200d💻𝔘𝟗𐐀𐐨𠀀\u{e0001}',
  'ﬁｆｏｏＢＡＲ１２\u00ad\ufeff\u200d\u200e\ufe0f',
].map((text) => [...text])

const character = fc.constantFrom(...ALPHABETS).chain((alphabet) => fc.constantFrom(...alphabet))

/** Words that come again, so that n-grams do. */
const phrase = fc
  .array(fc.constantFrom('the', 'cat', 'sat', 'on', 'a', 'Mat', 'internationalisation'), {
    maxLength: 40,
  })
  .map((words) => words.join(' '))

const multilingual = fc.array(character, { maxLength: 60 }).map((parts) => parts.join(''))

/** Cuts and changes bytes of good text, so that code points break. */
const broken = fc
  .tuple(multilingual, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
  .map(([text, changes, cut]) => {
    const bytes = new TextEncoder().encode(text)
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
    return bytes.subarray(0, bytes.length - (cut % 4))
  })

/** Bytes that look like the beginnings and ends of code points. */
const hostile = fc
  .uint8Array({ maxLength: 80 })
  .map((bytes) => bytes.map((byte) => (byte & 1 ? byte : 0x80 | byte)))

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** One document's bytes: words, many scripts, broken and hostile UTF-8, very long words. */
export const document: fc.Arbitrary<Uint8Array> = fc.oneof(
  phrase.map(encode),
  multilingual.map(encode),
  broken,
  hostile,
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(character, fc.integer({ min: 1, max: 90 })).map(([c, n]) => encode(c.repeat(n))),
)

/** A batch of 0 to 8 documents. */
export const batch: fc.Arbitrary<Utf8Column> = fc.array(document, { maxLength: 8 }).map(columnOf)

export function columnOf(values: readonly Uint8Array[]): Utf8Column {
  const offsets = new Int32Array(values.length + 1)
  values.forEach((value, i) => {
    offsets[i + 1] = (offsets[i] as number) + value.length
  })
  const bytes = new Uint8Array(offsets[values.length] as number)
  values.forEach((value, i) => {
    bytes.set(value, offsets[i])
  })
  return { offsets, bytes }
}

/**
 * Texts that reach over the kernel's blocks (16 KiB) and pieces (256 KiB) at every kind of place: in words, in code
 * points, in broken ones, and in words longer than a block.
 */
export function longTexts(): Utf8Column {
  const repeat = (text: string, length: number): Uint8Array => {
    const unit = encode(text)
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += unit.length)
      out.set(unit.subarray(0, Math.min(unit.length, length - at)), at)
    return out
  }
  return columnOf([
    repeat('the cat sat on the mat, twice. ', 20_000),
    repeat('漢字かな交じり文 ', 35_001),
    repeat('abcdefghijklmnopqrstuvwxyz', 34_003),
    repeat('éñ한각', 20_001),
    repeat('ﷺ', 17_001),
    repeat('a b ', 235_001),
    repeat('\x80\xf0\x9f', 20_000),
    repeat('x', 270_000),
    new Uint8Array(17_000).fill(0xf0),
    new Uint8Array(300_000).fill(0x20),
    new Uint8Array(0),
    utf8Column(['Ünï cödé w\u0301ords '.repeat(1_200)]).bytes,
  ])
}
