import { formatBytes, formatCount, formatNumberOf } from '../format.js'
import { LIMITS } from '../limits.js'
import type { RunReport } from '../report-schema.js'
import { html, type Markup } from './markup.js'
import { bar, samples, section } from './parts.js'

const SHOWN_EXAMPLES = 8

/** Test sets found in the crawl. */
export function benchmarksSection({ benchmarks, stages, run }: RunReport): Markup | null {
  if (!stages.some(({ stage }) => stage === 'decontaminate')) return null
  const documents = benchmarks.reduce((sum, benchmark) => sum + benchmark.documents, 0)
  const largest = Math.max(1, ...benchmarks.map((benchmark) => benchmark.documents))
  return section(
    'benchmarks',
    'Test sets',
    documents === 0
      ? 'No benchmark example was found.'
      : `${formatNumberOf(documents, 'document')} held examples of ${formatNumberOf(benchmarks.length, 'benchmark')}.`,
    benchmarks.map((found) => benchmarkRow(found, largest, run.out)),
  )
}

function benchmarkRow(
  found: RunReport['benchmarks'][number],
  largest: number,
  out: string | undefined,
): Markup {
  const { benchmark, documents, bytes, examples } = found
  const distinct = `${examples.length >= LIMITS.examplesPerBenchmark ? 'at least ' : ''}${formatCount(examples.length)}`
  const shown = examples.slice(0, SHOWN_EXAMPLES)
  return html`<details class="reason"><summary><span class="name">${benchmark}</span><span class="figure"><b>${formatCount(documents)}</b> <span class="soft">${documents === 1 ? 'document' : 'documents'}</span></span>${bar(documents / largest, 0)}</summary>
<p class="note">${distinct} different ${examples.length === 1 ? 'example' : 'examples'} in ${formatBytes(bytes)} of text. Seen most often: ${shown.map(
    ({ example, documents }, i) =>
      html`${i > 0 ? ', ' : ''}<span class="pair"><code>${example}</code> (${formatCount(documents)})</span>`,
  )}.</p>${samples(found.samples, out)}</details>
`
}
