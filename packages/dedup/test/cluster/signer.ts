import { signatureFingerprint } from '../../src/parameters.js'
import type { SignedShard } from './corpora.js'
import type { DurableState } from './durable-state.js'
import type { Choices } from './random.js'

const STAGES = ['writes the key file of', 'appends to the log', 'acknowledges'] as const

/** Takes deliveries of document shards in any order. One that it did not acknowledge is delivered again. */
export class Signer {
  private job: SignedShard | undefined
  private stage = 0

  constructor(
    readonly name: string,
    private readonly durable: DurableState,
    private readonly deliveries: SignedShard[],
    private readonly choices: Choices,
  ) {}

  get busy(): boolean {
    return this.job !== undefined || this.deliveries.length > 0
  }

  step(): string {
    if (this.job === undefined) {
      this.job = this.choices.take(this.deliveries)
      this.stage = 0
    }
    const { job } = this
    const did = STAGES[this.stage]
    if (this.stage === 0) this.durable.keyFiles.set(job.shard, job.file)
    else if (this.stage === 1) this.append(job)
    else this.job = undefined
    this.stage++
    return `${did} ${job.shard}`
  }

  private append({ shard, ids }: SignedShard): void {
    this.durable.log.push({
      schema: 1,
      run: 'run',
      shard,
      keyFile: shard,
      rows: ids.length,
      fingerprint: signatureFingerprint(this.durable.corpus.parameters),
    })
  }

  crash(): void {
    if (this.job !== undefined) this.deliveries.push(this.job)
    this.job = undefined
  }
}
