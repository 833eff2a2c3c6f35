import type { CrawlShard, Stage } from '@winnow/core'
import type { ProcessResult, WorkerRole } from '@winnow/runtime'
import type { Progress } from './progress.js'

const STAGE_OF: Record<WorkerRole, Stage> = {
  extractor: 'extract',
  'quality-filter': 'quality',
  'dedup-sign': 'dedup',
  decontaminator: 'decontaminate',
}

/** Adds up what the stages report, for the progress display. */
export class RunTally {
  private readonly started = performance.now()
  private readonly bytes: Map<string, number>
  private readonly stages: Map<Stage, { documents: number; kept: number; bytes: number }>
  private readonly allBytes: number
  private done: number
  private doneBytes: number
  private deadCount = 0

  constructor(
    private readonly all: readonly CrawlShard[],
    todo: readonly CrawlShard[],
    stages: readonly Stage[],
  ) {
    const sum = (shards: readonly CrawlShard[]) =>
      shards.reduce((total, { length }) => total + length, 0)
    this.bytes = new Map(todo.map(({ id, length }) => [id, length]))
    this.allBytes = sum(todo)
    this.done = all.length - todo.length
    this.doneBytes = 0
    this.stages = new Map(stages.map((stage) => [stage, { documents: 0, kept: 0, bytes: 0 }]))
  }

  stage(role: WorkerRole, { documents, kept, bytes, message }: ProcessResult): void {
    const stage = this.stages.get(STAGE_OF[role])
    if (stage === undefined) return
    stage.documents += documents
    stage.bytes += bytes
    // Signing keeps every row; what deduplication kept is what the last stage gets to see.
    if (role !== 'dedup-sign') stage.kept += kept
    if (role === 'decontaminator' && message.attributes.dedup !== undefined) {
      const dedup = this.stages.get('dedup')
      if (dedup !== undefined) dedup.kept += documents
    }
  }

  clean(shard: string): void {
    this.done++
    this.doneBytes += this.bytes.get(shard) ?? 0
  }

  dead(shard: string): void {
    this.deadCount++
    this.doneBytes += this.bytes.get(shard) ?? 0
  }

  progress(): Progress {
    return {
      shards: { done: this.done, dead: this.deadCount, all: this.all.length },
      stages: [...this.stages].map(([name, counts]) => ({ name, ...counts })),
      inputBytes: { done: this.doneBytes, all: this.allBytes },
      seconds: (performance.now() - this.started) / 1000,
    }
  }
}
