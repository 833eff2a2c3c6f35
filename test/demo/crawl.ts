import { responseRecord, warcGz, warcRecord } from '../fixtures/warc-writer.js'
import type { Page } from './pages.js'

/** Examples of a made-up benchmark; some are planted in pages, as happens on the real web. */
export const QUIZ = [
  'A lighthouse keeper climbs ninety four steps every evening and rests after each group of eleven steps; how many times does she rest before reaching the lamp?',
  'A bakery sells seeded loaves in boxes of six and rye loaves in boxes of four; if Marta carries home nine boxes with forty two loaves, how many boxes hold rye?',
  'Two trains leave the harbour station forty minutes apart and the second travels a third faster than the first; after how many minutes does it catch up?',
  'A gardener plants tulips in rows that each hold three more bulbs than the row before; the first row holds five, so how many bulbs stand in twelve rows?',
]

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/**
 * A crawl of these pages with what a real crawl also holds: requests, metadata, redirects, images, mirrors,
 * edited copies, and pages that quote a benchmark. Every 9th page is mirrored, every 13th copied with edits.
 */
export function crawlOf(pages: readonly Page[]): Uint8Array {
  const records: Uint8Array[] = [
    warcRecord({
      type: 'warcinfo',
      contentType: 'application/warc-fields',
      block: Buffer.from('software: winnow demo\r\nformat: WARC File Format 1.1\r\n'),
    }),
  ]
  pages.forEach(({ url, html }, index) => {
    records.push(request(url), responseRecord(url, plantQuiz(html, index)))
    if (index % 9 === 0) records.push(responseRecord(mirrorOf(url), html))
    if (index % 13 === 0) records.push(responseRecord(`${mirrorOf(url)}?edition=2`, edited(html)))
    if (index % 20 === 0) records.push(metadata(url), notFound(url), image(url))
  })
  return warcGz(records)
}

function plantQuiz(html: string, index: number): string {
  if (index % 40 !== 7) return html
  return html.replace('</article>', `<p>${QUIZ[((index / 40) % QUIZ.length) | 0]}</p></article>`)
}

function mirrorOf(url: string): string {
  return url.replace('docs.example.org', 'mirror.example.net')
}

/** The same page by another hand: a note on top, one word in two hundred changed. */
function edited(html: string): string {
  let word = 0
  const body = html.replace(/\b[a-z]{5,}\b(?![^<]*>)/g, (match) =>
    ++word % 200 === 0 ? `${match}ly` : match,
  )
  return body.replace('<article>', '<article><p>This copy was revised by our editors.</p>')
}

function request(url: string): Uint8Array {
  const { pathname, host } = new URL(url)
  return warcRecord({
    type: 'request',
    url,
    contentType: 'application/http; msgtype=request',
    block: Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  })
}

function metadata(url: string): Uint8Array {
  return warcRecord({
    type: 'metadata',
    url,
    contentType: 'application/warc-fields',
    block: Buffer.from('fetchTimeMs: 120\r\n'),
  })
}

function notFound(url: string): Uint8Array {
  return responseRecord(`${url}/missing`, '<html><body><h1>Not found</h1></body></html>', {
    status: '404 Not Found',
  })
}

function image(url: string): Uint8Array {
  return responseRecord(`${url}/logo.png`, PNG, { headers: { 'Content-Type': 'image/png' } })
}
