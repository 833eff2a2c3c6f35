import { join } from 'node:path'
import { utf8Column } from '@winnow/core'
import { sign } from '@winnow/kernel'
import { type BenchPart, timed } from './part.js'
import { writeLines } from './peers.js'
import { byteLength, sampleTexts } from './samples.js'

export const signPart: BenchPart = {
  name: 'sign',
  title:
    'MinHash signatures (word 5-grams, 14 bands x 8 rows), from UTF-8 text to band keys, one core',
  async measure(context) {
    const texts = sampleTexts(context)
    const column = utf8Column(texts)
    const size = { documents: texts.length, bytes: byteLength(texts) }
    const seconds = await timed(context.runs, () => sign(column))
    const ours = { program: 'Winnow', ...size, seconds }
    if (context.peers === undefined) return [ours]
    const file = await writeLines(join(context.scratch, 'texts.jsonl'), 'text', texts)
    return [ours, ...(await context.peers.measure('signatures', [file, String(context.runs)]))]
  },
}
