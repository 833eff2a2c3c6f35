import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureCrawl } from '../fixtures/crawl.js'

/** Folder of real test data, where there is one. */
const DATA = process.env.WINNOW_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data')

/**
 * `count` WARC files of one crawl, each its own input split: the real crawl cut at its gzip members where it is at hand, a
 * made one else.
 */
export function crawlFiles(folder: string, count: number): string[] {
  mkdirSync(folder, { recursive: true })
  const real = join(DATA, 'crawl/pages.warc.gz')
  const bytes = existsSync(real) ? readFileSync(real) : Buffer.from(fixtureCrawl(200).bytes)
  const starts = memberStarts(bytes)
  return Array.from({ length: count }, (_, i) => {
    const from = starts[Math.floor((i * starts.length) / count)] ?? bytes.length
    const to = starts[Math.floor(((i + 1) * starts.length) / count)] ?? bytes.length
    const path = join(folder, `part-${String(i).padStart(3, '0')}.warc.gz`)
    writeFileSync(path, bytes.subarray(from, to))
    return path
  })
}

/** Where gzip members begin; good enough for files of this kind, and checked by what comes out of them. */
function memberStarts(bytes: Buffer): number[] {
  const starts: number[] = []
  const magic = Buffer.from([0x1f, 0x8b, 0x08])
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1))
    if ((bytes[at + 3] ?? 0xff) < 0x20 && (bytes[at + 8] ?? 1) <= 4) starts.push(at)
  return starts
}
