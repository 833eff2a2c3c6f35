// Writes assembly/shared/unicode-table.txt: how every code point folds, from this engine's Unicode data and the rules of
// src/reference/fold.ts (built first). The file is checked in, so that keys do not depend on the Node that builds the kernel.
// Run it to move to a newer Unicode; every key made before then is another key for the code points that changed.
import { writeFileSync } from 'node:fs'
import { foldCodePoint } from '../dist/reference/fold.js'

const KINDS = ['separator', 'nothing', 'letter', 'alone', 'mark', 'sequence', 'hangul']
const HANGUL = { first: 0xac00, count: 11172 }

/** Kind and, for one code point, its distance; for several, what they are. */
function fold(codePoint) {
  if (codePoint >= 0xd800 && codePoint < 0xe000) return ['separator', 0]
  if (codePoint >= HANGUL.first && codePoint < HANGUL.first + HANGUL.count) return ['hangul', 0]
  const parts = foldCodePoint(codePoint)
  const [first] = parts
  if (first === undefined) return ['nothing', 0]
  if (parts.every((part) => part.kind === 'separator')) return ['separator', 0]
  if (parts.length === 1) return [first.kind, first.codePoint - codePoint]
  return ['sequence', parts.map((part) => part.codePoint * 8 + KINDS.indexOf(part.kind))]
}

const runs = []
let last
for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
  const [kind, value] = fold(codePoint)
  if (last !== undefined && last.kind === kind && last.value === value) last.length++
  else {
    last = { kind, value, length: 1 }
    runs.push(last)
  }
}
// One run of code points a line: how many, their kind, and the distance or the sequence.
const lines = runs.map((run) => [run.length, KINDS.indexOf(run.kind), run.value].join(' '))
const table = new URL('../assembly/shared/unicode-table.txt', import.meta.url)
writeFileSync(table, `${process.versions.unicode} ${KINDS.join(' ')}\n${lines.join('\n')}\n`)
console.log(`${runs.length} runs`)
