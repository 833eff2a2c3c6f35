import { type Decision, Decisions } from './decisions.js'
import { DuplicateIndex } from './index-table.js'
import type { RowTable } from './key-file.js'
import type { DedupParameters } from './parameters.js'
import { type Edges, planVerification, verifyPairs } from './verification.js'

/** Reads the records of earlier documents, in the order of the ordinals asked for. */
export type RecordLookup = (ordinals: Float64Array) => RowTable | Promise<RowTable>

/**
 * Index, verification and decision in one process: what the cluster's workers do together, for one shard after the other.
 * The results are the same, since both run the same steps in the order of the log.
 */
export class LogFold {
  /**
   * @param index an index of all slots, and `decisions` that have read the same part of the log; new ones by default.
   */
  constructor(
    readonly parameters: DedupParameters,
    readonly index = new DuplicateIndex(parameters.chainLimit),
    readonly decisions = new Decisions(parameters.against),
  ) {}

  /** Ordinal of the next document. */
  get ordinals(): number {
    return this.decisions.ordinals
  }

  /** Different keys held. */
  get keys(): number {
    return this.index.keys
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.index.bytes + this.decisions.bytes
  }

  /** As `resolve`, without the pairs. */
  async next(entries: Uint32Array, own: RowTable, recordsOf: RecordLookup): Promise<Decision> {
    return (await this.resolve(entries, own, recordsOf)).decision
  }

  /**
   * Decides the next shard of the log, and tells all pairs that are duplicates. Calls must not overlap.
   *
   * @param entries all entries of its key file.
   * @param own the records of its key file.
   * @param recordsOf is called once when records of earlier shards are needed.
   */
  async resolve(
    entries: Uint32Array,
    own: RowTable,
    recordsOf: RecordLookup,
  ): Promise<{ decision: Decision; edges: Edges }> {
    const base = this.ordinals
    const matches = this.index.insert(entries, base)
    const plan = planVerification(matches, base, own.rows, this.parameters)
    const earlier = plan.ordinals.length === 0 ? EMPTY_TABLE : await recordsOf(plan.ordinals)
    const edges = verifyPairs(plan, own, earlier, this.parameters)
    return { decision: this.decisions.decide(own.rows, edges), edges }
  }
}

const EMPTY_TABLE: RowTable = {
  rows: 0,
  documentRow: new Uint32Array(0),
  textLength: new Uint32Array(0),
  sketches: new Uint8Array(0),
}
