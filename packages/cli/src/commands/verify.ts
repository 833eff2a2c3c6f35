import { type Attributes, reasonOf, strings, UsageError, Verdict } from '@winnow/core'
import {
  type BloomReport,
  type Clusters,
  DEFAULT_FALSE_POSITIVE_RATE,
  type DedupParameters,
  DUPLICATE_OF,
  DUPLICATE_RUN,
  decodeKeyFile,
  dedupAttributes,
  hostColumn,
  OrderLog,
  type OrderLogEntry,
  PASSAGE_NAMES,
  type PassageOptions,
  type PassageReport,
  type StoredPassages,
  type StoredShard,
  type VerifyReport,
  verifyBloom,
  verifyDedup,
  verifyPassages,
} from '@winnow/dedup'
import {
  clustersOf,
  decodeMatches,
  type KeptDocuments,
  keptDocuments,
  type OpenedIndex,
  openIndex,
  RowReader,
} from '@winnow/dedup-service'
import {
  decodeAttributes,
  indexLayout,
  layout,
  type ObjectStore,
  openParquetObject,
  placeOf,
  readUtf8Column,
} from '@winnow/storage'
import { howToFinish, type OutputPlace, openOutput } from '../embedded/output.js'
import { requireWholeLog } from '../embedded/output-folder.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { Console, type OutputMode } from '../terminal/console.js'
import { formatCount } from '../terminal/numbers.js'

const MOST_SHOWN = 20

/** `winnow verify`: recomputes every deduplication verdict from the order log, naively, and compares. */
export async function verify(args: OutputPlace & { output: OutputMode }): Promise<ExitCode> {
  const output = await openOutput(args)
  const { store, state, index } = output
  const console = new Console(args.output)
  const howTo = howToFinish(output)
  const stored = await requireWholeLog(store, index, state.run)
  if (stored === undefined)
    throw new UsageError(
      `${placeOf(store)} has no order log: no run deduplicated here`,
      'run with the dedup stage first',
    )
  const opened = await openIndex(index, stored)
  const { kind, parameters, passages } = opened
  const unresolved: string[] = []
  // Under a policy the attributes say who was chosen; what the log gives is then in the stored pairs alone.
  const own = state.keep === undefined ? state.run : ''
  const shards = storedShards(
    { store, index, log: stored.entries, run: own, parameters, passages },
    unresolved,
  )
  if (kind === 'bloom')
    return showBloom(
      await verifyBloom(shards, DEFAULT_FALSE_POSITIVE_RATE),
      unresolved,
      console,
      howTo,
    )
  const { keep, run } = state
  const policy = keep && (await PolicyCheck.of({ opened, store, run, kind: keep.kind, passages }))
  const naive = await verifyDedup(shards, parameters, policy?.witness)
  const report = policy === undefined ? naive : await policy.report(naive)
  for (const shard of unresolved)
    console.problem(`shard ${shard} is in the log but has no verdicts: ${howTo}`)
  const cuts = passages && (await verifyCuts({ store, index, run: state.run, passages }))
  const sound = report.sound && unresolved.length === 0 && (cuts?.sound ?? true)
  const lines = [
    `${formatCount(report.documents)} documents in the order log: ${formatCount(report.kept)} kept, ${formatCount(report.dropped)} dropped as duplicates`,
    `${formatCount(report.disagreements.length)} verdicts differ from the naive recomputation`,
    `${formatCount(report.lost.length)} documents dropped without a kept original`,
    `${formatCount(report.keptCopies.length)} kept although the keys show an earlier kept copy`,
    ...(passages === undefined ? [] : cutLines(cuts, passages)),
    sound ? 'The stored verdicts are sound.' : 'The stored verdicts are NOT sound.',
  ]
  for (const { shard, row, id, expected, stored } of report.disagreements.slice(0, MOST_SHOWN))
    console.problem(`${id} (shard ${shard}, row ${row}): stored ${stored}, expected ${expected}`)
  for (const id of report.lost.slice(0, MOST_SHOWN)) console.problem(`${id}: no original was kept`)
  for (const [later, earlier] of report.keptCopies.slice(0, MOST_SHOWN))
    console.problem(`${later}: a copy of ${earlier}, both kept`)
  for (const { id, expected, stored } of cuts?.disagreements.slice(0, MOST_SHOWN) ?? [])
    console.problem(`${id}: stored ${stored}, expected ${expected}`)
  for (const [id, passage] of cuts?.keptTwice.slice(0, MOST_SHOWN) ?? [])
    console.problem(`${id}: ${JSON.stringify(passage)} stands in the corpus before`)
  console.result({
    text: `${lines.join('\n')}\n`,
    json: { ...report, ...(cuts ? { passages: cuts } : {}), sound },
  })
  return sound ? EXIT.done : EXIT.failed
}

function showBloom(
  report: BloomReport,
  unresolved: readonly string[],
  console: Console,
  howTo: string,
): ExitCode {
  const sound = report.sound && unresolved.length === 0
  for (const shard of unresolved)
    console.problem(`shard ${shard} is in the log but has no verdicts: ${howTo}`)
  for (const id of report.keptCopies.slice(0, MOST_SHOWN))
    console.problem(`${id}: kept although an earlier document has one of its keys`)
  const lines = [
    `${formatCount(report.documents)} documents in the order log: ${formatCount(report.kept)} kept, ${formatCount(report.dropped)} dropped as seen before`,
    `${formatCount(report.keptCopies.length)} kept although one of their keys was seen`,
    `${formatCount(report.falsePositives.length)} dropped although none was: false positives of the filter among ${formatCount(report.newKeys)} keys`,
    sound ? 'The stored verdicts are sound.' : 'The stored verdicts are NOT sound.',
  ]
  console.result({ text: `${lines.join('\n')}\n`, json: report })
  return sound ? EXIT.done : EXIT.failed
}

/** Says which pairs of copies the naive recomputation saw. */
type CopyWitness = (later: number, earlier: number) => void

/**
 * What a policy promises, in place of what the log promises: of each of its clusters one document stays, or those that earlier runs
 * kept, and whoever was dropped names one of them. Nothing goes by ids alone: runs may hold the same documents.
 */
class PolicyCheck {
  private readonly keptCopies: [number, number][] = []
  private readonly staying = new Map<number, number[]>()

  private constructor(
    private readonly stored: PolicyStored,
    private readonly groups: Clusters,
    private readonly kept: KeptDocuments,
  ) {
    const before = stored.opened.log.all().find(({ run }) => run === stored.run)?.base ?? 0
    for (let ordinal = 0; ordinal < groups.documents; ordinal++)
      if (kept.has(ordinal)) this.stays(ordinal, before)
  }

  static async of(stored: PolicyStored): Promise<PolicyCheck> {
    // The policy was applied before the next run came into the index: its documents link nothing.
    const log = new OrderLog()
    const { entries } = stored.opened
    const end = entries.findLastIndex(({ run }) => run === stored.run) + 1
    for (const entry of entries.slice(0, end)) log.append(entry)
    const groups = await clustersOf({ ...stored.opened, log }, stored.kind)
    const own = { store: stored.store, run: stored.run }
    // Who was dropped since too little was left of it was chosen all the same.
    const except = stored.passages && PASSAGE_NAMES[stored.passages.unit].drop
    return new PolicyCheck(stored, groups, await keptDocuments(stored.opened, { own, except }))
  }

  private stays(ordinal: number, before: number): void {
    const root = this.groups.clusterOf[ordinal] as number
    const others = this.staying.get(root) ?? []
    if (ordinal >= before && others.length > 0) this.keptCopies.push([ordinal, others[0] as number])
    others.push(ordinal)
    this.staying.set(root, others)
  }

  /** Two documents that the keys show to be copies and that no cluster holds together, as its kind demands. */
  readonly witness: CopyWitness = (later, earlier) => {
    const { clusterOf, kind, documents } = this.groups
    if (later >= documents) return
    const apart =
      kind === 'components'
        ? clusterOf[later] !== clusterOf[earlier]
        : clusterOf[later] === later && clusterOf[earlier] === earlier
    if (apart) this.keptCopies.push([later, earlier])
  }

  async report(naive: VerifyReport): Promise<VerifyReport> {
    const { opened, kind } = this.stored
    const rows = new RowReader(opened.index)
    const idOf = async (ordinal: number): Promise<string> =>
      (await rows.ids(opened.log, Float64Array.of(ordinal)))[0] ?? ''
    const keptCopies: [string, string][] = []
    // With `against: every` a star can be like another one's centre, and both stay.
    const binding = kind === 'components' || opened.parameters.against === 'kept'
    for (const [later, earlier] of binding ? this.keptCopies : [])
      keptCopies.push([await idOf(later), await idOf(earlier)])
    const lost = await this.lost(rows)
    let kept = 0
    for (let ordinal = 0; ordinal < naive.documents; ordinal++) if (this.kept.has(ordinal)) kept++
    return {
      ...naive,
      kept,
      dropped: naive.documents - kept,
      keptCopies,
      lost,
      sound: naive.disagreements.length === 0 && lost.length === 0 && keptCopies.length === 0,
    }
  }

  /** Ids of those that were dropped and name no document of their cluster that stays. */
  private async lost(rows: RowReader): Promise<string[]> {
    const { opened, store, run } = this.stored
    const lost: string[] = []
    for (const logged of opened.log.all()) {
      if (logged.run !== run) continue
      const key = layout.attributes('dedup', logged.shard)
      const { labels } = await decodeAttributes(key, await store.get(key))
      const { table } = decodeKeyFile(await opened.index.get(logged.keyFile))
      for (const [row, at] of table.documentRow.entries()) {
        const ordinal = logged.base + row
        if (this.kept.has(ordinal)) continue
        const id = labels[DUPLICATE_OF]?.[at] ?? ''
        const owner = labels[DUPLICATE_RUN]?.[at] || run
        if (!(await this.hasStaying(ordinal, { id, run: owner }, rows)))
          lost.push((await rows.ids(opened.log, Float64Array.of(ordinal)))[0] ?? '')
      }
    }
    return lost
  }

  private async hasStaying(
    ordinal: number,
    named: { id: string; run: string },
    rows: RowReader,
  ): Promise<boolean> {
    const { log } = this.stored.opened
    const root = this.groups.clusterOf[ordinal] as number
    for (const other of this.staying.get(root) ?? []) {
      if (log.locate(other).run !== named.run) continue
      if ((await rows.ids(log, Float64Array.of(other)))[0] === named.id) return true
    }
    return false
  }
}

interface PolicyStored {
  readonly opened: OpenedIndex
  readonly store: ObjectStore
  readonly run: string
  readonly kind: Clusters['kind']
  readonly passages: PassageOptions | undefined
}

/**
 * Recomputes from the texts which lines or paragraphs were seen before. Undefined where earlier runs are in the index:
 * their texts are not here.
 */
async function verifyCuts({
  store,
  index,
  run,
  passages,
}: Pick<Stored, 'store' | 'index' | 'run'> & { passages: PassageOptions }): Promise<
  PassageReport | undefined
> {
  const { log } = await openIndex(index)
  if (log.all().some((logged) => logged.run !== run)) return undefined
  async function* shards(): AsyncIterable<StoredPassages> {
    for (const { shard } of log.all()) {
      const key = layout.attributes('dedup', shard)
      if ((await store.head(key)) === undefined) return
      const documents = await openParquetObject(store, layout.documents(shard))
      const earlier: Attributes[] = []
      for (const stage of ['extract', 'quality'] as const) {
        const attributes = layout.attributes(stage, shard)
        if ((await store.head(attributes)) !== undefined)
          earlier.push(await decodeAttributes(attributes, await store.get(attributes)))
      }
      yield {
        shard,
        ids: strings(await readUtf8Column(documents, 'id')),
        text: await readUtf8Column(documents, 'text'),
        hosts: hostColumn(await readUtf8Column(documents, 'url')),
        earlier,
        attributes: await decodeAttributes(key, await store.get(key)),
      }
    }
  }
  return verifyPassages(shards(), passages)
}

function cutLines(cuts: PassageReport | undefined, { unit }: PassageOptions): string[] {
  if (cuts === undefined)
    return [`the cuts of ${unit}s are not verified: texts of earlier runs are not in this folder`]
  return [
    `${formatCount(cuts.repeated)} of ${formatCount(cuts.passages)} ${unit}s were seen before and are cut; ${formatCount(cuts.disagreements.length)} documents differ from the recomputation, ${formatCount(cuts.keptTwice.length)} ${unit}s stand twice in what is kept`,
  ]
}

/** The verdicts on whole documents: without the cuts, and without those dropped since too little was left. */
function wholeDocuments(attributes: Attributes, passages: PassageOptions | undefined): Attributes {
  if (passages === undefined) return attributes
  const { drop } = PASSAGE_NAMES[passages.unit]
  const verdict = attributes.verdict.map((code, row) =>
    code === Verdict.cut || reasonOf(attributes, row) === drop ? Verdict.keep : code,
  )
  return { ...attributes, verdict }
}

interface Stored {
  readonly log: readonly OrderLogEntry[]
  readonly store: ObjectStore
  readonly index: ObjectStore
  readonly run: string
  readonly parameters: DedupParameters
  readonly passages?: PassageOptions | undefined
}

/**
 * The shards of the log with what is stored of each: of this run its attributes, of other runs the pairs in the index.
 * It ends at the first that has no verdicts, which is named in `unresolved` when documents of this run come after it.
 */
async function* storedShards(stored: Stored, unresolved: string[]): AsyncIterable<StoredShard> {
  const { store, index, run } = stored
  const log = new OrderLog()
  const lastOwn = stored.log.findLastIndex((entry) => entry.run === run)
  for (const [position, entry] of stored.log.entries()) {
    const { shard } = entry
    if (log.append(entry) === undefined) continue
    if (entry.run !== run && !(await isDecided(index, entry))) {
      // What another run has not decided yet matters only to what comes after it.
      if (position < lastOwn) unresolved.push(shard)
      return
    }
    const keyFile = decodeKeyFile(await index.get(entry.keyFile))
    if (entry.run !== run) {
      yield await shardOfEarlierRun(stored, log, entry.run, shard, keyFile)
      continue
    }
    const key = layout.attributes('dedup', shard)
    if ((await store.head(key)) === undefined) {
      unresolved.push(shard)
      return
    }
    const documents = await openParquetObject(store, layout.documents(shard))
    yield {
      run: entry.run,
      shard,
      keyFile,
      ids: strings(await readUtf8Column(documents, 'id')),
      attributes: wholeDocuments(
        await decodeAttributes(key, await store.get(key)),
        stored.passages,
      ),
    }
  }
}

async function isDecided(
  index: ObjectStore,
  { run, shard }: Pick<OrderLogEntry, 'run' | 'shard'>,
): Promise<boolean> {
  return (await index.head(indexLayout.matches(run, shard))) !== undefined
}

/** Of another run the index knows the rows that were signed, and no others. */
async function shardOfEarlierRun(
  { index, parameters }: Stored,
  log: OrderLog,
  run: string,
  shard: string,
  keyFile: StoredShard['keyFile'],
): Promise<StoredShard> {
  const key = indexLayout.matches(run, shard)
  const rows = new RowReader(index)
  const { rows: count } = keyFile.header
  const { decision } = await decodeMatches(key, await index.get(key), count)
  const documentRow = Uint32Array.from({ length: count }, (_, row) => row)
  return {
    run,
    shard,
    keyFile: { ...keyFile, table: { ...keyFile.table, documentRow } },
    ids: strings(await rows.idsOf(run, shard)),
    attributes: await dedupAttributes(
      decision,
      parameters,
      (ordinals) => rows.ids(log, ordinals),
      (ordinal) => log.locate(ordinal).run,
    ),
  }
}
