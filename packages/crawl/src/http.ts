import { latin1, startsWith } from './bytes.js'
import { concat } from './source.js'
import { headerEnd, parseFields } from './warc-header.js'

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; of a repeated header the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/**
 * Splits a stored HTTP response. Takes bare line feeds, a status line without reason or version (`HTTP/2 200`,
 * `ICY 200 OK`), and a header that the end of the record cuts off. Null when there is no status line.
 */
export function parseHttp(block: Uint8Array): HttpResponse | null {
  const line = /^(?:HTTP\/?[\d.]*|ICY)[ \t]+(\d{3})\b/i.exec(latin1(block, 0, 64))
  if (line === null) return null
  const end = headerEnd(block, 0)
  const bodyStart = end < 0 ? block.length : end
  const head = latin1(block, 0, bodyStart)
  return {
    status: Number(line[1]),
    headers: parseFields(head.slice(head.indexOf('\n') + 1)),
    body: block.subarray(bodyStart),
  }
}

/**
 * The body behind `Transfer-Encoding: chunked`. Crawlers often store it joined already and leave the header, so a
 * body whose first chunk does not fit is taken as it is. A last chunk that is cut off gives what there is.
 */
export function dechunk(body: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; ; ) {
    const line = /^[ \t]*([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]{0,256})?\r?\n/i.exec(
      latin1(body, at, at + 300),
    )
    if (line === null)
      return parts.length === 0 || at < body.length ? whole(body, parts) : concat(parts)
    const size = Number.parseInt(line[1] as string, 16)
    const start = at + line[0].length
    if (size === 0) return concat(parts)
    const end = start + size
    if (end > body.length && parts.length === 0 && at === 0 && !isPlausibleCut(body, start))
      return body
    parts.push(body.subarray(start, end))
    if (end >= body.length) return concat(parts)
    const separator = startsWith(body, '\r\n', end) ? 2 : startsWith(body, '\n', end) ? 1 : 0
    if (separator === 0) return whole(body, parts)
    at = end + separator
  }
}

/** With one good chunk behind us the framing is real and its end is broken; without, it never was chunked. */
function whole(body: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return parts.length > 1 ? concat(parts) : body
}

/** A first chunk longer than the body: the connection broke, if markup or compressed data follows the size. */
function isPlausibleCut(body: Uint8Array, start: number): boolean {
  return (
    body[start] === 0x3c || body[start] === 0x1f || body[start] === 0x0d || body[start] === 0x0a
  )
}

/** Media type in lower case without parameters, and its charset; '' where not given. */
export function parseContentType(value: string): { type: string; charset: string } {
  const type = (/^[^;,]*/.exec(value)?.[0] ?? '').trim().toLowerCase()
  const charset = /;\s*charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(value)?.[1] ?? ''
  return { type, charset }
}
