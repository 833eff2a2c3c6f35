/** What the distributed deduplication relies on, each with a switch, so that a test can show what it is there for. */
export interface Mechanisms {
  /** A shard that stands in the log a second time is skipped. Off: its rows are numbered and looked up again. */
  readonly skipRepeated: boolean
  /**
   * Entries are taken in the order of the log. Off: each index worker takes them as they come to it, and what it finds of a
   * later document is left out.
   */
  readonly logOrder: boolean
  /**
   * A slot goes on where its snapshot was taken. Off: after the last entry whose answer was noted as published.
   * (From the start of the log would be right too, only slower: an entry the slot holds is answered as it was the first time.)
   */
  readonly replayFromSnapshot: boolean
  /** A torn snapshot is noticed and the one before is read. Off: it is taken for what is left, its last slots empty. */
  readonly noticeTorn: boolean
  /** A snapshot is written once all answers up to its place are published. Off: at any moment. */
  readonly publishFirst: boolean
  /** A shard is decided when all slots have answered. Off: when any has. */
  readonly waitForAllSlots: boolean
  /** What several workers, or one several times, answered for a slot counts once. Off: as often as it came. */
  readonly takeOnce: boolean
}

export const ALL_MECHANISMS: Mechanisms = {
  skipRepeated: true,
  logOrder: true,
  replayFromSnapshot: true,
  noticeTorn: true,
  publishFirst: true,
  waitForAllSlots: true,
  takeOnce: true,
}
