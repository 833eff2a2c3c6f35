import { join } from 'node:path'
import { extractPage } from '@winnow/extraction'
import { type BenchPart, timed } from './part.js'
import { writeLines } from './peers.js'
import { byteLength, samplePages } from './samples.js'

export const extractionPart: BenchPart = {
  name: 'extraction',
  title: 'Main content from HTML, one core (bytes are those of the HTML)',
  async measure(context) {
    const pages = samplePages(context)
    const size = { documents: pages.length, bytes: byteLength(pages) }
    const seconds = await timed(context.runs, () => {
      for (const page of pages) extractPage(page)
    })
    const ours = { program: 'Winnow', ...size, seconds }
    if (context.peers === undefined) return [ours]
    const file = await writeLines(join(context.scratch, 'pages.jsonl'), 'html', pages)
    return [ours, ...(await context.peers.measure('extraction', [file, String(context.runs)]))]
  },
}
