import type { CrawlShard, Stage } from '@winnow/core'
import type { LiveCounters, ProcessResult, WorkerRole } from '@winnow/runtime'
import type { Progress } from './progress.js'

const STAGE_OF: Record<WorkerRole, Stage> = {
  extractor: 'extract',
  'quality-filter': 'quality',
  'dedup-sign': 'dedup',
  'dedup-resolve': 'dedup',
  decontaminator: 'decontaminate',
}

/** Adds up what the stages report, for the progress display. */
export class RunTally {
  private readonly started = performance.now()
  private readonly stages: Map<Stage, { documents: number; kept: number; bytes: number }>
  private readonly allBytes: number
  private done: number
  private deadCount = 0
  private cleanDocuments = 0

  /** @param counters what the extractors do while a shard is in work; the other stages take moments. */
  constructor(
    private readonly all: readonly CrawlShard[],
    todo: readonly CrawlShard[],
    stages: readonly Stage[],
    private readonly counters: LiveCounters,
  ) {
    this.allBytes = todo.reduce((total, { length }) => total + length, 0)
    this.done = all.length - todo.length
    this.stages = new Map(stages.map((stage) => [stage, { documents: 0, kept: 0, bytes: 0 }]))
  }

  stage(role: WorkerRole, { documents, kept, bytes }: ProcessResult): void {
    // The last role writes the clean shards, also where its stage is not wanted.
    if (role === 'decontaminator') this.cleanDocuments += kept
    const stage = this.stages.get(STAGE_OF[role])
    if (stage === undefined) return
    // Signing looks at every row and keeps it; resolving says what became of the same rows.
    if (role !== 'dedup-resolve') stage.documents += documents
    if (role !== 'dedup-sign') stage.kept += kept
    stage.bytes += bytes
  }

  clean(): void {
    this.done++
  }

  dead(): void {
    this.deadCount++
  }

  progress(): Progress {
    const live = this.counters.read()
    return {
      shards: { done: this.done, dead: this.deadCount, all: this.all.length },
      stages: [...this.stages].map(([name, counts]) =>
        name === 'extract'
          ? {
              name,
              documents: Math.max(live.documents, counts.documents),
              // Of the documents in work nothing is known yet: the share is that of the shards done.
              kept: counts.kept,
              judged: counts.documents,
              bytes: Math.max(live.bytes, counts.bytes),
            }
          : { name, ...counts, judged: counts.documents },
      ),
      clean: this.cleanDocuments,
      inputBytes: { done: Math.min(live.inputBytes, this.allBytes), all: this.allBytes },
      seconds: (performance.now() - this.started) / 1000,
    }
  }
}
