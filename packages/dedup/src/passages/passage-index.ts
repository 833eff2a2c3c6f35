import { CorruptError } from '@winnow/core'
import { ENTRY_WORDS } from '../keys.js'
import { type Passages, passageRows } from './keys.js'
import { ExactSeenSet, type SeenSet } from './seen-set.js'

/** What became of the passages of one shard. */
export interface PassageDecision {
  /** 1 for each passage, in the order of `Passages`, that was seen before and goes. */
  readonly repeated: Uint8Array
  /** 1 for each row that was kept as a document; the passages of the others were not looked at. */
  readonly kept: Uint8Array
}

/**
 * The fold over the order log that remembers passages: of each passage in documents that were kept, the first stays.
 * Documents dropped before neither lose passages nor make others lose them. Shards must come in the order of the log, each once.
 */
export class PassageIndex {
  constructor(readonly seen: SeenSet = new ExactSeenSet()) {}

  /**
   * Looks up and remembers the passages of the next shard.
   *
   * @param kept 1 for each row that the decisions on whole documents kept.
   * @throws CorruptError when these are decisions on other rows.
   */
  insert(passages: Passages, kept: Uint8Array): PassageDecision {
    if (kept.length !== passages.rows)
      throw new CorruptError(
        `the passages are of ${passages.rows} documents, the decisions of ${kept.length}`,
        'Sign the shard again.',
      )
    const { entries } = passages
    const rowOf = passageRows(passages)
    const repeated = new Uint8Array(rowOf.length)
    for (let from = 0; from < entries.length; ) {
      const slot = (entries[from + 1] as number) >>> 24
      let to = from
      while (to < entries.length && (entries[to + 1] as number) >>> 24 === slot) to += ENTRY_WORDS
      this.seen.reserve?.(slot, differentKeys(entries, from, to))
      // Passages with one key come in the order in which they stand, so that the first of them stays.
      for (; from < to; from += ENTRY_WORDS) {
        const passage = entries[from + 2] as number
        if (kept[rowOf[passage] as number] !== 1) continue
        if (this.seen.add(entries[from] as number, entries[from + 1] as number))
          repeated[passage] = 1
      }
    }
    return { repeated, kept }
  }
}

/** About how many keys entries [from, to) have, never too few: equal ones stand side by side but for rare neighbours. */
function differentKeys(entries: Uint32Array, from: number, to: number): number {
  let keys = 0
  for (let at = from; at < to; at += ENTRY_WORDS)
    if (
      at === from ||
      entries[at] !== entries[at - ENTRY_WORDS] ||
      entries[at + 1] !== entries[at + 1 - ENTRY_WORDS]
    )
      keys++
  return keys
}
