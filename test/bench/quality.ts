import { join } from 'node:path'
import { documentBatch } from '@winnow/core'
import { createQualityStage } from '@winnow/quality'
import { type BenchPart, type Measurement, timed } from './part.js'
import { writeLines } from './peers.js'
import { byteLength, sampleTexts } from './samples.js'

export const qualityPart: BenchPart = {
  name: 'quality',
  title:
    'Gopher quality and repetition (white-space words), and the default profile, which identifies the language and applies the content rules too, one core',
  async measure(context) {
    const texts = sampleTexts(context)
    const batch = documentBatch(texts.map((text, i) => ({ id: `${i}`, text })))
    const size = { documents: texts.length, bytes: byteLength(texts) }
    const measure = async (program: string, profile: object): Promise<Measurement> => {
      const stage = await createQualityStage(profile)
      return { program, ...size, seconds: await timed(context.runs, () => stage.evaluate(batch)) }
    }
    const ours = [
      await measure('Winnow, Gopher, every metric of every document', {
        profile: ['gopher_quality', 'gopher_repetition'],
      }),
      await measure('Winnow, default profile', {}),
    ]
    if (context.peers === undefined) return ours
    const file = await writeLines(join(context.scratch, 'texts.jsonl'), 'text', texts)
    return [...ours, ...(await context.peers.measure('rules', [file, String(context.runs)]))]
  },
}
