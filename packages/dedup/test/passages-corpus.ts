import {
  type Attributes,
  AttributesBuilder,
  applyCuts,
  rangesOf,
  type Utf8Column,
  utf8Column,
} from '@winnow/core'
import fc from 'fast-check'
import {
  decodePassageFile,
  encodePassageFile,
  hostColumn,
  PassageIndex,
  type PassageOptions,
  passageAttributes,
  passageKeys,
  type StoredPassages,
  withPassages,
} from '../src/passages/index.js'

export interface PassageDocument {
  readonly id: string
  readonly url: string
  readonly bytes: Uint8Array
  /** Dropped by deduplication of whole documents. */
  readonly dropped?: boolean
  /** Ranges of the text cut by an earlier stage. */
  readonly cuts?: readonly number[]
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function textColumn(values: readonly Uint8Array[]): Utf8Column {
  const offsets = new Int32Array(values.length + 1)
  for (const [i, value] of values.entries()) offsets[i + 1] = (offsets[i] as number) + value.length
  return { offsets, bytes: Uint8Array.from(Buffer.concat(values)) }
}

/** Signs, folds and resolves shards as the pipeline does, each passage file written and read. */
export function runPassages(
  shards: readonly (readonly PassageDocument[])[],
  options: PassageOptions,
  index = new PassageIndex(),
): StoredPassages[] {
  return shards.map((documents, number) => {
    const text = textColumn(documents.map(({ bytes }) => bytes))
    const earlier = cutBefore(documents)
    const hosts = hostColumn(utf8Column(documents.map(({ url }) => url)))
    const signed = passageKeys(applyCuts(text, [earlier]), hosts, options)
    const passages = decodePassageFile(encodePassageFile(signed, options), options)
    const kept = Uint8Array.from(documents, ({ dropped }) => (dropped === true ? 0 : 1))
    const decision = index.insert(passages, kept)
    const part = passageAttributes(passages, decision, options, (row) => rangesOf([earlier], row))
    return {
      shard: `s${number}`,
      ids: documents.map(({ id }) => id),
      text,
      hosts,
      earlier: [earlier],
      attributes: withPassages(wholeDocuments(documents), part),
    }
  })
}

function cutBefore(documents: readonly PassageDocument[]): Attributes {
  const builder = new AttributesBuilder(documents.length)
  for (const [row, { cuts }] of documents.entries()) builder.cut(row, 'earlier', cuts ?? [])
  return builder.finish()
}

function wholeDocuments(documents: readonly PassageDocument[]): Attributes {
  const builder = new AttributesBuilder(documents.length, ['jaccard_estimate'], ['duplicate_of'])
  for (const [row, { dropped }] of documents.entries())
    if (dropped === true) builder.drop(row, 'duplicate_text', 'same normalised text')
  return builder.finish()
}

const LINES = [
  'Read more about this and other things here',
  'READ MORE about this, and other things here!',
  'Página 12 de 345: más información disponible',
  'pagina 99 de 111 mas informacion disponible',
  '版权所有 未经许可 不得转载 本网站',
  'Все права защищены, 2024 год',
  'сopyright © все права защищены',
  'short',
  '* * * * * * * * * * * * * * * * * *',
  '',
  ' ',
  '\t\v\f',
]

const line = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...LINES).map(utf8) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map(utf8) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
)
const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\n\n', '\r\n\r\n', '\n \n').map(utf8)

/** Texts of repeated lines in several scripts, broken UTF-8, all kinds of line ends, the last of them now and then missing. */
const bytes = fc
  .tuple(fc.array(fc.tuple(line, lineEnd), { maxLength: 10 }), fc.boolean())
  .map(([parts, ended]) => {
    const all = parts.flat()
    return Uint8Array.from(Buffer.concat(ended ? all : all.slice(0, -1)))
  })

const url = fc.constantFrom('https://a.example/x', 'http://A.example:80/', 'https://b.example', '')

const documentParts = fc.record({
  url,
  bytes,
  dropped: fc.integer({ min: 0, max: 3 }).map((value) => value === 0),
  cut: fc.option(fc.tuple(fc.nat(), fc.nat()), { freq: 2 }),
})

/** Documents in the order of the log; some dropped as a whole, some with bytes that an earlier stage cut. */
export const passageDocuments: fc.Arbitrary<PassageDocument[]> = fc
  .array(documentParts, { maxLength: 14 })
  .map((documents) =>
    documents.map(({ cut, ...document }, i) => {
      const length = document.bytes.length + 1
      const [a, b] = (cut ?? [0, 0]).map((at) => at % length) as [number, number]
      return { ...document, id: `d${i}`, cuts: a === b ? [] : [Math.min(a, b), Math.max(a, b)] }
    }),
  )

export const passageOptionSets: fc.Arbitrary<PassageOptions> = fc.record({
  unit: fc.constantFrom('line', 'paragraph'),
  minBytes: fc.constantFrom(1, 6, 20),
  scope: fc.constantFrom('all', 'host'),
  normalise: fc.constantFrom('folded', 'exact'),
  minKept: fc.constantFrom(0, 0, 0.4),
})
