// Turns assembly/shared/unicode-table.txt into assembly/shared/unicode-data.ts, the same as a two-stage table.
import { readFileSync, writeFileSync } from 'node:fs'

const BLOCK = 64
const SEQUENCE = 5
const shared = new URL('../assembly/shared/', import.meta.url)
const [, ...lines] = readFileSync(new URL('unicode-table.txt', shared), 'utf8').trim().split('\n')

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

writeFileSync(
  new URL('unicode-data.ts', shared),
  `// Written by scripts/build-unicode.js.
export const UNICODE_INDEX = memory.data<u16>([${index}])
export const UNICODE_BLOCKS = memory.data<i32>([${[...blocks.keys()]}])
export const UNICODE_SEQUENCES = memory.data<u32>([${sequences}])
`,
)
