import { join } from 'node:path'
import { utf8Column } from '@winnow/core'
import { measureQuality } from '@winnow/kernel'
import { type BenchPart, timed } from './part.js'
import { writeLines } from './peers.js'
import { byteLength, sampleTexts } from './samples.js'

export const qualityPart: BenchPart = {
  name: 'quality',
  title:
    'Gopher quality and repetition, every metric of every document, white-space words, one core',
  async measure(context) {
    const texts = sampleTexts(context)
    const column = utf8Column(texts)
    const size = { documents: texts.length, bytes: byteLength(texts) }
    const seconds = await timed(context.runs, () => measureQuality(column))
    const ours = { program: 'Winnow', ...size, seconds }
    if (context.peers === undefined) return [ours]
    const file = await writeLines(join(context.scratch, 'texts.jsonl'), 'text', texts)
    return [ours, ...(await context.peers.measure('rules', [file, String(context.runs)]))]
  },
}
