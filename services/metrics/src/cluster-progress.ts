import { TOPICS, type Topic } from '@winnow/core'
import { parseMessage, shardMessage } from '@winnow/core/messages'
import { decodeLogLine } from '@winnow/dedup'
import type { RunStatus } from '@winnow/runtime/cluster-status'
import { isUnreadable, OpenLetters } from '@winnow/runtime/dead-letters'
import { RunProgress } from './run-progress.js'

/** Runs that are told of: more would make labels without bound. */
export const MOST_RUNS = 50

/** Topics that tell of progress. */
export const FOLLOWED: readonly Topic[] = [
  TOPICS.crawlShards,
  TOPICS.extracted,
  TOPICS.filtered,
  TOPICS.dedupOrder,
  TOPICS.deduplicated,
  TOPICS.clean,
  TOPICS.deadLetters,
]

/** What the messages of all topics come to, whatever their order and however often each is delivered. */
export class ClusterProgress {
  private readonly runs = new Map<string, RunProgress>()
  /** Names of runs that are older than those told of. */
  private readonly forgotten = new Set<string>()
  private readonly letters = new OpenLetters()
  /** Records of dead letters by offset: redelivered ones would reopen what was fed again. */
  private lastLetter = -1n

  /** Takes a message. Throws CorruptError when it is none; nothing is changed then. */
  take(topic: Topic, value: string, offset: string): void {
    if (topic === TOPICS.deadLetters) this.takeLetter(value, offset)
    else if (topic === TOPICS.dedupOrder) {
      const { run, shard } = decodeLogLine(value, topic)
      this.progress(run)?.see(topic, shard)
    } else {
      const message = parseMessage(shardMessage, topic, value)
      this.progress(message.run)?.see(topic, message.shard, message)
    }
  }

  all(): RunProgress[] {
    return [...this.runs.values()].sort(newestFirst)
  }

  statuses(): RunStatus[] {
    return this.all().map((run) => run.status())
  }

  /** Open letters by the role that wrote them. */
  openLetters(): Map<string, number> {
    const by = new Map<string, number>()
    for (const { role } of this.letters.all()) by.set(role, (by.get(role) ?? 0) + 1)
    return by
  }

  /** To be called after `fedAt` of the runs is known: forgets the oldest of too many. */
  forgetOldest(): void {
    for (const { run } of this.all().slice(MOST_RUNS)) {
      this.runs.delete(run)
      this.forgotten.add(run)
    }
  }

  private takeLetter(value: string, offset: string): void {
    const place = BigInt(offset)
    if (place <= this.lastLetter) return
    const { opened, closed } = this.letters.apply(value)
    this.lastLetter = place
    if (closed !== undefined && !isUnreadable(closed))
      this.progress(closed.run)?.revive(closed.shard, closed.role)
    if (opened !== undefined && !isUnreadable(opened))
      this.progress(opened.run)?.bury(opened.shard, opened.role)
  }

  private progress(run: string): RunProgress | undefined {
    if (this.forgotten.has(run)) return undefined
    let progress = this.runs.get(run)
    if (progress === undefined) {
      progress = new RunProgress(run)
      this.runs.set(run, progress)
    }
    return progress
  }
}

/** A run of which nobody knows when it was fed comes last: its folder is gone, or not written yet. */
function newestFirst(a: RunProgress, b: RunProgress): number {
  return (b.fedAt ?? 0) - (a.fedAt ?? 0)
}
