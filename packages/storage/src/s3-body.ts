import type { Readable } from 'node:stream'
import { BrokenBody } from './s3-errors.js'

/** An answer of GetObject, as far as it is needed here. */
interface Answer {
  readonly Body?: unknown
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
}

/**
 * Reads the body of an answer to its end. Throws BrokenBody when it breaks off, is shorter or longer than announced,
 * or does not have its checksum (which the SDK computes while it passes).
 */
export async function readBody(answer: Answer): Promise<Uint8Array> {
  const body = answer.Body as Readable | undefined
  const length = answer.ContentLength
  if (body === undefined) return new Uint8Array(0)
  const parts: Uint8Array[] = []
  let filled = 0
  const bytes = length === undefined ? undefined : new Uint8Array(length)
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (bytes === undefined) parts.push(chunk)
      else if (filled + chunk.length <= bytes.length) bytes.set(chunk, filled)
      filled += chunk.length
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new BrokenBody(
      `the answer broke off after ${filled} of ${length ?? '?'} bytes: ${said}`,
      error,
    )
  }
  if (bytes === undefined) return Buffer.concat(parts)
  if (filled !== bytes.length)
    throw new BrokenBody(`the answer has ${filled} bytes where ${bytes.length} were announced`)
  return bytes
}

/**
 * Reads the answer to a request for bytes [offset, offset + length) and makes sure that it is those, fewer only at
 * the end of the object. A server that knows no ranges sends the whole object: it is cut here.
 */
export async function readRangeBody(
  answer: Answer,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/u.exec(answer.ContentRange ?? '')
  const bytes = await readBody(answer)
  if (range === null) return bytes.slice(offset, offset + length)
  const [start, total] = [Number(range[1]), Number(range[3])]
  const expected = Math.max(0, Math.min(length, total - offset))
  if (start !== offset || bytes.length !== expected)
    throw new BrokenBody(
      `asked for ${length} bytes at ${offset} of ${total}, got ${bytes.length} at ${start}`,
    )
  return bytes
}
