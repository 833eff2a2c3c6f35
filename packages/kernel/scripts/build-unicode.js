// Turns assembly/shared/unicode-table.txt into wasm/unicode-data.ts, the same as a two-stage table in AssemblyScript.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const BLOCK = 64
const SEQUENCE = 5
const source = new URL('../assembly/shared/unicode-table.txt', import.meta.url)
const target = new URL('../wasm/unicode-data.ts', import.meta.url)
const [, ...lines] = readFileSync(source, 'utf8').trim().split('\n')

const values = new Int32Array(0x110000)
const sequences = []
let codePoint = 0
for (const line of lines) {
  const [count, kind, value] = line.split(' ')
  const parts = value.split(',').map(Number)
  const isSequence = Number(kind) === SEQUENCE
  // A sequence is stored as its length and its parts; the table holds where.
  const entry = (isSequence ? sequences.length : parts[0]) * 8 + Number(kind)
  if (isSequence) sequences.push(parts.length, ...parts)
  values.fill(entry, codePoint, codePoint + Number(count))
  codePoint += Number(count)
}
if (codePoint !== 0x110000) throw new Error(`unicode-table.txt covers ${codePoint} code points`)

const blocks = new Map()
const index = []
for (let at = 0; at < values.length; at += BLOCK) {
  const key = values.subarray(at, at + BLOCK).join(',')
  if (!blocks.has(key)) blocks.set(key, blocks.size)
  index.push(blocks.get(key))
}

mkdirSync(new URL('.', target), { recursive: true })
writeFileSync(
  target,
  `// Written by scripts/build-unicode.js.
export const UNICODE_INDEX = memory.data<u16>([${index}])
export const UNICODE_BLOCKS = memory.data<i32>([${[...blocks.keys()]}])
export const UNICODE_SEQUENCES = memory.data<u32>([${sequences}])
`,
)
