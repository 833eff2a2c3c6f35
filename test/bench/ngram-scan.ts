import { join } from 'node:path'
import { documentBatch } from '@winnow/core'
import {
  benchmarkFromRecords,
  buildBenchmarkIndex,
  createDecontaminationStage,
} from '@winnow/decontamination'
import { type BenchPart, timed } from './part.js'
import { writeLines } from './peers.js'
import { mulberry32, pseudoText } from './pseudo-text.js'
import { byteLength, sampleTexts } from './samples.js'

const EXAMPLES = 10_000
const EXAMPLE_WORDS = 60

export const ngramScanPart: BenchPart = {
  name: 'ngram-scan',
  title: `Test-set filtering against ${EXAMPLES.toLocaleString('en')} examples of ${EXAMPLE_WORDS} words, one core`,
  async measure(context) {
    const texts = sampleTexts(context)
    const batch = documentBatch(texts.map((text, i) => ({ id: `${i}`, text })))
    const size = { documents: texts.length, bytes: byteLength(texts) }
    const random = mulberry32(7)
    const examples = Array.from({ length: EXAMPLES }, () => pseudoText(random, EXAMPLE_WORDS))
    const index = buildBenchmarkIndex([benchmarkFromRecords('made up', examples)])
    const measurements = []
    for (const mode of ['ngram', 'coverage'] as const) {
      const stage = createDecontaminationStage(index, { mode })
      const seconds = await timed(context.runs, () => stage.evaluate(batch))
      measurements.push({ program: `Winnow, ${mode}`, ...size, seconds })
    }
    if (context.peers === undefined) return measurements
    const file = await writeLines(join(context.scratch, 'texts.jsonl'), 'text', texts)
    const known = await writeLines(join(context.scratch, 'examples.jsonl'), 'text', examples)
    const args = [file, String(context.runs), known]
    return [...measurements, ...(await context.peers.measure('decontamination', args))]
  },
}
