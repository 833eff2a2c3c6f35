import { CorruptError } from '@winnow/core'
import { CHECKSUM_BYTES, requireSealed, seal, viewOf } from './checksum.js'
import type { LogPosition } from './index-snapshot.js'
import type { Against } from './parameters.js'
import type { Edges } from './verification.js'

/** What became of the rows of one shard. Row `i` is kept where `duplicateOf[i]` is -1. */
export interface Decision {
  readonly rows: number
  /** Ordinal of the document the row is a duplicate of, or -1. */
  readonly duplicateOf: Float64Array
  /** A `Family`, where the row is a duplicate. */
  readonly family: Uint8Array
  /** See `Edges.jaccard`; NaN where the row is kept. */
  readonly jaccard: Float64Array
  /** Bands shared with that document. */
  readonly bands: Uint16Array
}

const MAGIC = 0x44444e57
const VERSION = 1
const HEAD_BYTES = 24

/**
 * The fold over the order log that decides what is kept, one bit a document.
 *
 * A row is a duplicate when it has an edge to an earlier document that counts: with `against: 'kept'` one that was kept itself,
 * with `'every'` any. The edge of the strongest family counts first, then the oldest document.
 * Shards must come in the order of the log, each once; everything before this step can be done in any order.
 */
export class Decisions {
  private dropped = new Uint8Array(1024)
  private end = 0

  constructor(private readonly against: Against) {}

  /** Documents decided so far: the next ordinal. */
  get ordinals(): number {
    return this.end
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.dropped.byteLength
  }

  isDropped(ordinal: number): boolean {
    return (((this.dropped[Math.floor(ordinal / 8)] ?? 0) >>> (ordinal % 8)) & 1) === 1
  }

  /**
   * Decides the next shard of the log.
   *
   * @param rows rows of the shard; their ordinals follow on those decided before.
   * @param edges the shard's verified pairs, from `verifyPairs`.
   */
  decide(rows: number, edges: Edges): Decision {
    const base = this.end
    this.reserve(base + rows)
    const decision: Decision = {
      rows,
      duplicateOf: new Float64Array(rows).fill(-1),
      family: new Uint8Array(rows),
      jaccard: new Float64Array(rows).fill(Number.NaN),
      bands: new Uint16Array(rows),
    }
    for (let edge = 0; edge < edges.count; ) {
      const row = edges.row[edge] as number
      let best = -1
      for (; edge < edges.count && edges.row[edge] === row; edge++) {
        if (this.against === 'kept' && this.isDropped(edges.earlier[edge] as number)) continue
        if (best < 0 || (edges.family[edge] as number) < (edges.family[best] as number)) best = edge
      }
      if (best < 0) continue
      this.drop(base + row)
      decision.duplicateOf[row] = edges.earlier[best] as number
      decision.family[row] = edges.family[best] as number
      decision.jaccard[row] = edges.jaccard[best] as number
      decision.bands[row] = edges.bands[best] as number
    }
    this.end = base + rows
    return decision
  }

  /** Writes the decisions and their place in the log. */
  encode(logEntries: number): Uint8Array {
    const used = Math.ceil(this.end / 8)
    const out = new Uint8Array(HEAD_BYTES + used + CHECKSUM_BYTES)
    const view = viewOf(out)
    view.setUint32(0, MAGIC, true)
    view.setUint32(4, VERSION, true)
    view.setFloat64(8, logEntries, true)
    view.setFloat64(16, this.end, true)
    out.set(this.dropped.subarray(0, used), HEAD_BYTES)
    return seal(out)
  }

  /**
   * Reads what `encode` wrote.
   *
   * @throws CorruptError when it is torn, changed, or of another version.
   */
  static decode(
    bytes: Uint8Array,
    against: Against,
  ): { decisions: Decisions; position: LogPosition } {
    const view = viewOf(bytes)
    if (
      bytes.length < HEAD_BYTES + CHECKSUM_BYTES ||
      view.getUint32(0, true) !== MAGIC ||
      view.getUint32(4, true) !== VERSION
    )
      throw new CorruptError(
        'this is not a snapshot of decisions, or not of this version',
        'Delete it; the log is replayed instead.',
      )
    requireSealed(bytes, 'the snapshot of decisions')
    const ordinals = view.getFloat64(16, true)
    const sound = Number.isSafeInteger(ordinals) && ordinals >= 0
    if (!sound || Math.ceil(ordinals / 8) !== bytes.length - HEAD_BYTES - CHECKSUM_BYTES)
      throw new CorruptError('the snapshot of decisions contradicts itself')
    const decisions = new Decisions(against)
    decisions.reserve(ordinals)
    decisions.dropped.set(bytes.subarray(HEAD_BYTES, bytes.length - CHECKSUM_BYTES))
    decisions.end = ordinals
    return { decisions, position: { entries: view.getFloat64(8, true), ordinals } }
  }

  private drop(ordinal: number): void {
    const at = Math.floor(ordinal / 8)
    this.dropped[at] = (this.dropped[at] as number) | (1 << (ordinal % 8))
  }

  private reserve(ordinals: number): void {
    const wanted = Math.ceil(ordinals / 8)
    if (wanted <= this.dropped.length) return
    const grown = new Uint8Array(Math.max(wanted, this.dropped.length * 2))
    grown.set(this.dropped)
    this.dropped = grown
  }
}
