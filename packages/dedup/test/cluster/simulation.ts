import { SLOTS } from '../../src/keys.js'
import { type StoredShard, verifyDedup } from '../../src/verify.js'
import type { SignedCorpus, SignedShard } from './corpora.js'
import { DurableState } from './durable-state.js'
import { IndexWorker } from './index-worker.js'
import type { Mechanisms } from './mechanisms.js'
import { Choices } from './random.js'
import { Resolver } from './resolver.js'
import { Signer } from './signer.js'

const MAX_STEPS = 20_000

/** What came of one schedule. */
export interface Outcome {
  /** What is wrong with the verdicts, or why there are none; '' when they are those of the naive model. */
  readonly failure: string
  readonly counts: Counts
}

/** How often each kind of trouble came up. */
export interface Counts {
  steps: number
  crashes: number
  /** Changes of the number of index workers or of their slots. */
  moves: number
  repeatedEntries: number
  tornSnapshots: number
  /** Slots of entries that were answered more than once. */
  slotsAnsweredAgain: number
}

interface Worker {
  readonly name: string
  readonly busy: boolean
  step(): string | Promise<string>
  crash(): void
}

/**
 * Runs a corpus through a cluster whose every step is chosen by `seed`, lets it finish, and compares its verdicts with those
 * that `verifyDedup` computes from the order log and the key files.
 *
 * @param trace is called with each step of the schedule.
 */
export async function simulate(
  corpus: SignedCorpus,
  seed: number,
  mechanisms: Mechanisms,
  trace: (step: string) => void = () => undefined,
): Promise<Outcome> {
  const simulation = new Simulation(corpus, new Choices(seed), mechanisms, trace)
  const failure = await simulation.run()
  return { failure, counts: simulation.counts }
}

class Simulation {
  readonly counts: Counts
  private readonly durable: DurableState
  private readonly deliveries: SignedShard[]
  private readonly signers: Signer[]
  private readonly resolvers: Resolver[]
  private owners: IndexWorker[] = []
  /** Workers that have lost their slots and do not know it yet. */
  private late: IndexWorker[] = []
  private generation = 0
  private crashesLeft: number
  private movesLeft: number
  private readonly crashRate: number
  private readonly moveRate: number
  private readonly snapshotRate: number
  private readonly tearRate: number

  constructor(
    private readonly corpus: SignedCorpus,
    private readonly choices: Choices,
    mechanisms: Mechanisms,
    private readonly trace: (step: string) => void,
  ) {
    this.durable = new DurableState(corpus, mechanisms)
    this.crashesLeft = choices.below(8)
    this.movesLeft = choices.below(4)
    this.crashRate = choices.between(0, 0.15)
    this.moveRate = choices.between(0, 0.05)
    this.snapshotRate = choices.between(0, 0.35)
    this.tearRate = choices.between(0, 0.3)
    const redeliveryRate = choices.between(0, 0.3)
    const twice = choices.between(0, 0.4)
    this.deliveries = corpus.shards.flatMap((shard) =>
      choices.chance(twice) ? [shard, shard] : [shard],
    )
    this.signers = namesOf('signer', 1 + choices.below(3)).map(
      (name) => new Signer(name, this.durable, this.deliveries, choices),
    )
    this.resolvers = namesOf('resolver', 1 + choices.below(2)).map(
      (name) =>
        new Resolver(name, this.durable, choices, this.snapshotRate, this.tearRate, redeliveryRate),
    )
    this.counts = {
      steps: 0,
      crashes: 0,
      moves: -1,
      repeatedEntries: 0,
      tornSnapshots: 0,
      slotsAnsweredAgain: 0,
    }
    this.moveSlots()
  }

  async run(): Promise<string> {
    try {
      while (!this.finished) {
        if (this.counts.steps++ === MAX_STEPS) return `it has not ended after ${MAX_STEPS} steps`
        if (!(await this.step()))
          return 'it stands still: a shard waits for answers that never come'
      }
    } catch (error) {
      return `a worker throws ${error}`
    }
    this.count()
    return this.compare()
  }

  private get finished(): boolean {
    return (
      this.signers.every((signer) => !signer.busy) &&
      this.resolvers.every((resolver) => resolver.done)
    )
  }

  /** False when no worker has anything to do. */
  private async step(): Promise<boolean> {
    const { choices } = this
    const workers: Worker[] = [...this.signers, ...this.owners, ...this.late, ...this.resolvers]
    if (this.crashesLeft > 0 && choices.chance(this.crashRate)) {
      this.crash(choices.one(workers))
      return true
    }
    if (this.movesLeft > 0 && choices.chance(this.moveRate)) {
      this.movesLeft--
      this.moveSlots()
      return true
    }
    const busy = workers.filter((worker) => worker.busy)
    if (busy.length === 0) return false
    const worker = choices.one(busy)
    this.trace(`${worker.name} ${await worker.step()}`)
    return true
  }

  private crash(worker: Worker): void {
    this.crashesLeft--
    this.counts.crashes++
    worker.crash()
    this.late = this.late.filter((other) => other !== worker)
    this.trace(`${worker.name} crashes`)
  }

  /** Deals the slots anew to another number of workers. Some of those before go on as late writers until they crash. */
  private moveSlots(): void {
    const { choices } = this
    this.counts.moves++
    this.late.push(...this.owners.filter(() => choices.chance(0.3)))
    const cuts = Array.from({ length: choices.below(5) }, () => 1 + choices.below(SLOTS - 1))
    const bounds = [...new Set([0, ...cuts, SLOTS])].sort((a, b) => a - b)
    this.generation++
    this.owners = bounds
      .slice(1)
      .map(
        (end, at) =>
          new IndexWorker(
            `index ${this.generation}.${at}`,
            bounds[at] as number,
            end,
            this.durable,
            choices,
            this.snapshotRate,
            this.tearRate,
          ),
      )
    const late = this.late.map(({ name }) => name).join(', ') || 'none'
    this.trace(`slots are cut at ${bounds.join(' ')}; late writers: ${late}`)
  }

  private count(): void {
    const { log, answers, indexSnapshots, decisionSnapshots } = this.durable
    const answered = answers.reduce((sum, { firstSlot, endSlot }) => sum + endSlot - firstSlot, 0)
    this.counts.slotsAnsweredAgain = answered - SLOTS * this.corpus.shards.length
    this.counts.repeatedEntries = log.length - this.corpus.shards.length
    this.counts.tornSnapshots = [...indexSnapshots, ...decisionSnapshots].filter(
      ({ written, whole }) => written < whole.length,
    ).length
  }

  private async compare(): Promise<string> {
    const { log, attributes, rewritten } = this.durable
    const stored: StoredShard[] = []
    for (const { shard } of log) {
      const { ids } = this.corpus.shards.find((other) => other.shard === shard) as SignedShard
      const verdicts = attributes.get(shard)
      if (verdicts === undefined) return `shard ${shard} has no verdicts`
      stored.push({ shard, keyFile: this.durable.keyFile(shard), ids, attributes: verdicts })
    }
    const report = await verifyDedup(stored, this.corpus.parameters)
    if (report.sound && rewritten.size === 0) return ''
    if (report.sound)
      return `the attributes of ${[...rewritten].join(' and ')} were written twice, and differed`
    const wrong = report.disagreements.map(
      ({ shard, id, expected, stored: found }) => `${shard} ${id}: ${found}, not ${expected}`,
    )
    return `${wrong.length} verdicts differ from the naive model: ${wrong.slice(0, 3).join('; ')}`
  }
}

function namesOf(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${kind} ${number}`)
}
