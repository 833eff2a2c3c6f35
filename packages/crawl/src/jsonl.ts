import { Readable } from 'node:stream'
import { createGunzip, constants as zlib } from 'node:zlib'
import { type CrawlShard, InputError } from '@winnow/core'
import { decodeText } from './charset.js'
import type { Compression, Layout } from './format.js'
import type { CrawlItem, SkippedRecord } from './items.js'
import type { ReadLimits } from './limits.js'
import { rowItem } from './rows.js'
import { concat, type RandomAccess, ReadWindow } from './source.js'
import { type StreamDamage, zstdStream } from './zstd.js'

/** Rows that may all lack the text field before the file is called one without it. */
const ROWS_TO_JUDGE = 100

/** Documents of the lines that begin inside the split. A bad line is skipped and counted. */
export async function* readJsonl(
  source: RandomAccess,
  shard: CrawlShard,
  layout: Layout,
  textField: string,
  limits: ReadLimits,
): AsyncGenerator<CrawlItem> {
  const judge = shard.offset === 0 ? new FieldJudge(source.uri, textField) : null
  for await (const line of readLines(source, shard, layout.compression, limits)) {
    const item = lineItem(line, textField, judge)
    if (item !== null) yield item
  }
  judge?.end()
}

interface Line {
  readonly position: number
  readonly bytes: Uint8Array
  readonly damage: SkippedRecord | null
}

function lineItem(line: Line, textField: string, judge: FieldJudge | null): CrawlItem | null {
  if (line.damage !== null) return line.damage
  // trimming also takes a byte-order mark away
  const text = decodeText(line.bytes).trim()
  if (text === '') return null
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (error) {
    return skippedLine(line.position, 'bad_json', (error as Error).message)
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return skippedLine(line.position, 'bad_json', 'the line is no JSON object')
  const fields = row as Record<string, unknown>
  judge?.see(fields)
  return rowItem(fields, line.position, textField, 'line')
}

function skippedLine(
  position: number,
  reason: SkippedRecord['reason'],
  detail: string,
): SkippedRecord {
  return { kind: 'skipped', url: '', position, recordType: 'line', reason, detail }
}

/** Tells a file with some rows that lack the field from one whose rows all do. */
class FieldJudge {
  private rows = 0
  private settled = false
  private readonly fields = new Set<string>()

  constructor(
    private readonly uri: string,
    private readonly textField: string,
  ) {}

  see(row: Record<string, unknown>): void {
    if (this.settled) return
    this.rows++
    for (const field of Object.keys(row)) if (this.fields.size < 30) this.fields.add(field)
    if (typeof row[this.textField] === 'string') this.settled = true
    else if (this.rows >= ROWS_TO_JUDGE) this.fail()
  }

  end(): void {
    if (!this.settled && this.rows > 0) this.fail()
  }

  private fail(): never {
    throw new InputError(
      `${this.uri} has no text in the field "${this.textField}": none of the first ${this.rows} rows has it`,
      `Name the field with --text-field. Fields found: ${[...this.fields].join(', ') || 'none'}.`,
    )
  }
}

/** Lines whose first byte lies in the split. Plain files are cut between any two lines; compressed ones never. */
async function* readLines(
  source: RandomAccess,
  shard: CrawlShard,
  compression: Compression,
  limits: ReadLimits,
): AsyncGenerator<Line> {
  const outcome: StreamDamage = { reason: null, detail: '' }
  const window = new ReadWindow(source)
  // a split begins behind the first line end at or after the byte before it
  const from = compression === 'none' ? Math.max(0, shard.offset - 1) : 0
  const end = compression === 'none' ? shard.offset + shard.length : Number.POSITIVE_INFINITY
  const chunks = decompressed(window.chunks(from), compression, outcome)
  let inside = shard.offset === 0
  let position = from
  let held = 0
  let parts: Uint8Array[] = []
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(10, at)
      const stop = newline < 0 ? chunk.length : newline
      if (inside && held <= limits.maxRecordBytes) parts.push(chunk.subarray(at, stop))
      held += stop - at
      at = stop
      if (newline < 0) break
      if (inside) yield lineOf(position, parts, held, limits)
      inside = true
      position += held + 1
      held = 0
      parts = []
      at++
      if (position >= end) return
    }
  }
  if (outcome.reason !== null) {
    const damage = skippedLine(position, outcome.reason, outcome.detail)
    yield { position, bytes: new Uint8Array(0), damage }
  } else if (inside && held > 0) yield lineOf(position, parts, held, limits)
}

function lineOf(
  position: number,
  parts: readonly Uint8Array[],
  length: number,
  limits: ReadLimits,
): Line {
  if (length <= limits.maxRecordBytes)
    return {
      position,
      bytes: parts.length === 1 ? (parts[0] as Uint8Array) : concat(parts),
      damage: null,
    }
  const detail = `${length} bytes, the limit is ${limits.maxRecordBytes}`
  const damage = skippedLine(position, 'record_too_large', detail)
  return { position, bytes: new Uint8Array(0), damage }
}

function decompressed(
  chunks: AsyncGenerator<Uint8Array>,
  compression: Compression,
  outcome: StreamDamage,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') return chunks
  return compression === 'zstd' ? zstdStream(chunks, outcome) : gunzipped(chunks, outcome)
}

async function* gunzipped(
  chunks: AsyncGenerator<Uint8Array>,
  outcome: StreamDamage,
): AsyncGenerator<Uint8Array> {
  const engine = createGunzip({ chunkSize: 256 << 10, flush: zlib.Z_NO_FLUSH })
  const input = Readable.from(chunks)
  let failure: Error | null = null
  input.on('error', (error) => {
    failure = error
    engine.destroy(error)
  })
  input.pipe(engine)
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    if (failure !== null) throw failure
    const { code, message } = error as NodeJS.ErrnoException
    outcome.reason = code === 'Z_BUF_ERROR' ? 'truncated' : 'broken_compression'
    outcome.detail = `gzip: ${message}`
  } finally {
    input.destroy()
    engine.destroy()
  }
}
