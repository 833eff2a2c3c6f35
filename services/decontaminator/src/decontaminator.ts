import type { RuleDescription, ShardMessage, VerdictCount } from '@winnow/core'
import {
  AttributeStage,
  type Evaluate,
  loadShard,
  type ProcessResult,
  type ShardMemory,
  type ShardProcessor,
} from '@winnow/runtime/worker'
import type { ObjectStore } from '@winnow/storage'
import { type CleanFormat, materialise } from './materialise.js'

export interface DecontaminatorOptions {
  readonly format: CleanFormat
  /** Rules in force in any stage, for the report. */
  readonly rules: readonly RuleDescription[]
  /** Compares documents with the benchmarks; absent when there are none. */
  readonly evaluate?: Evaluate
}

/** The last stage: filters test sets out, then writes the clean shard. */
export class Decontaminator implements ShardProcessor {
  private readonly stage: AttributeStage | undefined

  constructor(
    private readonly store: ObjectStore,
    private readonly options: DecontaminatorOptions,
  ) {
    const { evaluate } = options
    this.stage =
      evaluate === undefined ? undefined : new AttributeStage('decontaminate', store, evaluate)
  }

  async process(message: ShardMessage, memory: ShardMemory | undefined): Promise<ProcessResult> {
    const judged = await this.judge(message, memory)
    const { rows, bytes } = await materialise(
      this.store,
      judged.message,
      judged.memory,
      this.options,
    )
    return {
      message: judged.message,
      documents: judged.documents ?? rows,
      kept: rows,
      bytes,
      ...(judged.verdicts === undefined ? {} : { verdicts: judged.verdicts }),
    }
  }

  private async judge(message: ShardMessage, memory: ShardMemory | undefined): Promise<Judged> {
    if (this.stage === undefined)
      return { message, memory: memory ?? (await loadShard(this.store, message)) }
    const result = await this.stage.process(message, memory)
    if (result.memory === undefined) throw new RangeError('the stage handed no shard on')
    const { memory: judged, message: next, documents, verdicts } = result
    return { message: next, memory: judged, documents, ...(verdicts && { verdicts }) }
  }
}

interface Judged {
  readonly message: ShardMessage
  readonly memory: ShardMemory
  /** Documents compared with the benchmarks. */
  readonly documents?: number
  readonly verdicts?: readonly VerdictCount[]
}
