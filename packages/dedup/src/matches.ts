/** What the index found for one shard: row `row[i]` shares the key with tag `tag[i]` with the earlier document `earlier[i]`. */
export interface Matches {
  readonly count: number
  readonly row: Uint32Array
  readonly tag: Uint16Array
  /** Ordinals: numbers of documents along the order log. */
  readonly earlier: Float64Array
}

/** Collects matches in growing columns. */
export class MatchCollector {
  private row = new Uint32Array(1024)
  private tag = new Uint16Array(1024)
  private earlier = new Float64Array(1024)
  private count = 0

  push(row: number, tag: number, earlier: number): void {
    if (this.count === this.row.length) this.grow()
    this.row[this.count] = row
    this.tag[this.count] = tag
    this.earlier[this.count] = earlier
    this.count++
  }

  finish(): Matches {
    return {
      count: this.count,
      row: this.row.slice(0, this.count),
      tag: this.tag.slice(0, this.count),
      earlier: this.earlier.slice(0, this.count),
    }
  }

  private grow(): void {
    const length = this.row.length * 2
    const row = new Uint32Array(length)
    const tag = new Uint16Array(length)
    const earlier = new Float64Array(length)
    row.set(this.row)
    tag.set(this.tag)
    earlier.set(this.earlier)
    this.row = row
    this.tag = tag
    this.earlier = earlier
  }
}

/** The matches of all slot ranges of a shard as one; their order does not matter. */
export function joinMatches(parts: readonly Matches[]): Matches {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const out = {
    count,
    row: new Uint32Array(count),
    tag: new Uint16Array(count),
    earlier: new Float64Array(count),
  }
  let at = 0
  for (const part of parts) {
    out.row.set(part.row, at)
    out.tag.set(part.tag, at)
    out.earlier.set(part.earlier, at)
    at += part.count
  }
  return out
}
