import { join } from 'node:path'
import { documentBatch } from '@winnow/core'
import { decodeDocuments, encodeDocuments } from '@winnow/storage'
import { type BenchPart, timed } from './part.js'
import { writeLines } from './peers.js'
import { byteLength, sampleTexts } from './samples.js'

export const parquetPart: BenchPart = {
  name: 'parquet',
  title: 'Document shards as Parquet (Snappy), one core (bytes are those of the text)',
  async measure(context) {
    const texts = sampleTexts(context)
    const batch = documentBatch(texts.map((text, i) => ({ id: `${i}`, text })))
    const size = { documents: texts.length, bytes: byteLength(texts) }
    const file = encodeDocuments(batch, {})
    const ours = [
      {
        program: 'Winnow, write',
        ...size,
        seconds: await timed(context.runs, () => encodeDocuments(batch, {})),
      },
      {
        program: 'Winnow, read the text',
        ...size,
        seconds: await timed(context.runs, () => decodeDocuments('bench', file, ['text'])),
      },
    ]
    if (context.peers === undefined) return ours
    const lines = await writeLines(join(context.scratch, 'texts.jsonl'), 'text', texts)
    return [...ours, ...(await context.peers.measure('parquet', [lines, String(context.runs)]))]
  },
}
