import { newRowTable, type RowTable } from './key-file.js'

/** The records of all shards read so far, in memory. */
export class RecordStore {
  private readonly tables: RowTable[] = []
  private readonly bases: number[] = []
  private next = 0

  /** @param sketchBytes bytes of one sketch. */
  constructor(private readonly sketchBytes: number) {}

  append(table: RowTable): void {
    this.tables.push(table)
    this.bases.push(this.next)
    this.next += table.rows
  }

  /** The records of `ordinals`, which ascend, in that order. Throws RangeError for one that was not appended. */
  read(ordinals: Float64Array): RowTable {
    const out = newRowTable(ordinals.length, this.sketchBytes)
    let shard = 0
    for (const [at, ordinal] of ordinals.entries()) {
      while (ordinal >= (this.bases[shard + 1] ?? this.next) && shard < this.tables.length) shard++
      const table = this.tables[shard]
      if (table === undefined) throw new RangeError(`document ${ordinal} has no record`)
      copyRecord(table, ordinal - (this.bases[shard] as number), out, at, this.sketchBytes)
    }
    return out
  }
}

function copyRecord(from: RowTable, row: number, to: RowTable, at: number, width: number): void {
  to.documentRow[at] = from.documentRow[row] as number
  to.textLength[at] = from.textLength[row] as number
  to.sketches.set(from.sketches.subarray(row * width, (row + 1) * width), at * width)
}
