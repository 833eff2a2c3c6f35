import {
  reasonOf,
  rowCount,
  type Stage,
  UsageError,
  type Utf8Column,
  Verdict,
  valueString,
} from '@winnow/core'
import {
  type Choice,
  type ClusterKind,
  type Clusters,
  choose,
  clusterComponents,
  clusterStars,
  decodeKeyFile,
  ExactSeenSet,
  LaterEdges,
  type LoggedShard,
  type PlacedShard,
  type Policy,
  policyDecision,
} from '@winnow/dedup'
import {
  decodeAttributes,
  indexLayout,
  layout,
  type ObjectStore,
  openParquetObject,
  readColumn,
  readUtf8Column,
  writeParquet,
} from '@winnow/storage'
import { writeDedupAttributes } from './dedup-attributes.js'
import { decodeMatches } from './index-folder.js'
import type { OpenedIndex } from './index-tools.js'
import { PassageCutter } from './passage-cutter.js'
import { RowReader } from './row-reader.js'

/** Which copy of a cluster stays, and by what. */
export interface Keep {
  readonly kind: ClusterKind
  readonly policy: Policy
  /** For `best`: the stage and the name of the metric. */
  readonly metric?: { readonly stage: Stage; readonly name: string }
  readonly smallerIsBetter?: boolean
}

/** The documents that stay, one bit each. */
export class KeptDocuments {
  private readonly bits: Uint8Array

  constructor(documents: number) {
    this.bits = new Uint8Array((documents >>> 3) + 1)
  }

  has(ordinal: number): boolean {
    return (((this.bits[ordinal >>> 3] ?? 0) >> (ordinal & 7)) & 1) === 1
  }

  add(ordinal: number): void {
    this.bits[ordinal >>> 3] = (this.bits[ordinal >>> 3] as number) | (1 << (ordinal & 7))
  }
}

/**
 * The documents that stay: of the run with this name as its attributes have it, policy and cuts included, of others as the log
 * decided.
 *
 * @param own the run, and the store of its attributes; nobody's when not given.
 * @param except a reason of its drops that does not count.
 * @param before of documents with smaller ordinals only.
 */
export async function keptDocuments(
  { index, log }: OpenedIndex,
  {
    own,
    before,
    except,
  }: {
    own?: { store: ObjectStore; run: string }
    before?: number
    except?: string | undefined
  } = {},
): Promise<KeptDocuments> {
  const end = before ?? log.position.ordinals
  const kept = new KeptDocuments(end)
  for (const { run, shard, base, rows } of log.all()) {
    if (base >= end) break
    const gone =
      run === own?.run
        ? await goneInAttributes(own.store, index, { run, shard }, except)
        : await goneInLog(index, { run, shard, rows })
    for (let row = 0; row < rows; row++) if (!gone(row)) kept.add(base + row)
  }
  return kept
}

async function goneInLog(
  index: ObjectStore,
  { run, shard, rows }: Pick<LoggedShard, 'run' | 'shard' | 'rows'>,
): Promise<(row: number) => boolean> {
  const key = indexLayout.matches(run, shard)
  const { decision } = await decodeMatches(key, await index.get(key), rows)
  return (row) => (decision.duplicateOf[row] as number) >= 0
}

async function goneInAttributes(
  store: ObjectStore,
  index: ObjectStore,
  { run, shard }: Pick<LoggedShard, 'run' | 'shard'>,
  except: string | undefined,
): Promise<(row: number) => boolean> {
  const key = layout.attributes('dedup', shard)
  const attributes = await decodeAttributes(key, await store.get(key))
  const { table } = decodeKeyFile(await index.get(indexLayout.keyFile(run, shard)))
  return (row) => {
    const at = table.documentRow[row] as number
    if (attributes.verdict[at] !== Verdict.drop) return false
    return except === undefined || reasonOf(attributes, at) !== except
  }
}

/** The stored pairs of every shard, in the order of the log. */
export async function* storedEdges({ index, log }: OpenedIndex): AsyncGenerator<PlacedShard> {
  for (const { run, shard, base, rows } of log.all()) {
    const key = indexLayout.matches(run, shard)
    const { edges } = await decodeMatches(key, await index.get(key), rows)
    yield { base, rows, edges }
  }
}

/** Groups the documents of an index by its stored pairs. No text is read. */
export async function clustersOf(opened: OpenedIndex, kind: ClusterKind): Promise<Clusters> {
  if (opened.kind === 'bloom')
    throw new UsageError(
      'a bloom index does not know which documents are copies of which',
      'clusters need an exact index: run with dedup.kind exact',
    )
  const documents = opened.log.position.ordinals
  return kind === 'components'
    ? clusterComponents(documents, storedEdges(opened))
    : clusterStars(documents, storedEdges(opened))
}

/**
 * The documents of one shard of the log that have copies, as Parquet: cluster (ordinal of its oldest document), its size, ordinal,
 * run, id, url, and whether the document stays. Undefined when it has none.
 */
export async function encodeClusterRows(
  { index }: OpenedIndex,
  clusters: Clusters,
  kept: KeptDocuments,
  { run, shard, base, rows }: LoggedShard,
): Promise<Uint8Array | undefined> {
  const members: number[] = []
  for (let row = 0; row < rows; row++)
    if ((clusters.sizes[clusters.clusterOf[base + row] as number] as number) > 1) members.push(row)
  if (members.length === 0) return undefined
  const file = await openParquetObject(index, indexLayout.rows(run, shard))
  const pick = (column: Utf8Column): string[] => members.map((row) => valueString(column, row))
  const numbers = (of: (ordinal: number) => number): Float64Array =>
    Float64Array.from(members, (row) => of(base + row))
  const { clusterOf, sizes } = clusters
  return writeParquet([
    { name: 'cluster', kind: 'int64', values: numbers((ordinal) => clusterOf[ordinal] as number) },
    {
      name: 'size',
      kind: 'int64',
      values: numbers((ordinal) => sizes[clusterOf[ordinal] as number] as number),
    },
    { name: 'ordinal', kind: 'int64', values: numbers((ordinal) => ordinal) },
    { name: 'run', kind: 'strings', values: members.map(() => run) },
    { name: 'id', kind: 'strings', values: pick(await readUtf8Column(file, 'id')) },
    { name: 'url', kind: 'strings', values: pick(await readUtf8Column(file, 'url')) },
    {
      name: 'stays',
      kind: 'int64',
      values: numbers((ordinal) => (kept.has(ordinal) ? 1 : 0)),
    },
  ])
}

/**
 * Which copies of a run's documents stay under a policy. What earlier runs kept stays whatever the policy.
 *
 * @param store of the run's documents and attributes, for `best`.
 * @throws UsageError when a later run came into the index: it was decided by what this one kept.
 */
export async function chooseStored(
  opened: OpenedIndex,
  clusters: Clusters,
  keep: Keep,
  { store, run }: { store: ObjectStore; run: string },
): Promise<Choice> {
  const { log } = opened
  const first = log.all().findIndex((logged) => logged.run === run)
  if (first < 0)
    throw new UsageError(`run ${run} is not in the index`, 'run it with the dedup stage first')
  const later = log
    .all()
    .slice(first)
    .find((logged) => logged.run !== run)
  if (later !== undefined)
    throw new UsageError(
      `run ${later.run} came into the index after run ${run} and was decided by what that kept`,
      'choose which copies stay before the next run into the index',
    )
  const before = log.all()[first]?.base ?? 0
  const kept = await keptDocuments(opened, { before })
  const values = await valuesFor(opened, keep, before, { store, run })
  return choose(clusters, keep.policy, {
    ...(values === undefined ? {} : { values }),
    ...(keep.smallerIsBetter === undefined ? {} : { smallerIsBetter: keep.smallerIsBetter }),
    fixed: {
      before,
      isKept: (ordinal) => kept.has(ordinal),
    },
  })
}

/** The number per document that a policy goes by. */
async function valuesFor(
  { index, log }: OpenedIndex,
  { policy, metric }: Keep,
  before: number,
  { store, run }: { store: ObjectStore; run: string },
): Promise<Float64Array | undefined> {
  if (policy === 'first') return undefined
  const values = new Float64Array(log.position.ordinals).fill(Number.NaN)
  for (const logged of log.all()) {
    const { shard, base } = logged
    if (base < before && logged.run !== run) continue
    if (policy === 'best') {
      if (metric === undefined)
        throw new UsageError(
          "the policy 'best' needs a metric",
          'name one, such as quality/word_count',
        )
      values.set(await metricOf(store, index, logged, metric), base)
      continue
    }
    const file = await openParquetObject(index, indexLayout.rows(run, shard))
    if (policy === 'longest')
      values.set(Float64Array.from(await readColumn(file, 'bytes'), Number), base)
    else {
      const dates = await readUtf8Column(file, 'date')
      for (let row = 0; row < rowCount(dates); row++)
        values[base + row] = Date.parse(valueString(dates, row))
    }
  }
  return values
}

/** A metric of the rows of a key file, by row. Throws UsageError when the stage has no such metric. */
export async function metricOf(
  store: ObjectStore,
  index: ObjectStore,
  { run, shard }: LoggedShard,
  { stage, name }: { stage: Stage; name: string },
): Promise<Float64Array> {
  const key = layout.attributes(stage, shard)
  if ((await store.head(key)) === undefined)
    throw new UsageError(`the stage ${stage} did not run here`, 'name a metric of a stage that did')
  const { metrics } = await decodeAttributes(key, await store.get(key))
  const column = metrics[name]
  if (column === undefined)
    throw new UsageError(
      `the stage ${stage} has no metric ${JSON.stringify(name)}`,
      `It has ${Object.keys(metrics).sort().join(', ')}.`,
    )
  const { table } = decodeKeyFile(await index.get(indexLayout.keyFile(run, shard)))
  return Float64Array.from(table.documentRow, (row) => column[row] as number)
}

/** Writes attributes/dedup of every shard of a run as the choice decides. No text is read. */
export async function storeChoice(
  opened: OpenedIndex,
  choice: Choice,
  { store, run }: { store: ObjectStore; run: string },
): Promise<void> {
  const { index, log, parameters, passages } = opened
  const later = await LaterEdges.collect(choice, storedEdges(opened))
  const cutter = passages && new PassageCutter(index, passages, new ExactSeenSet())
  const target = { store, parameters, log, rows: new RowReader(index) }
  for (const logged of log.all()) {
    const { shard, base } = logged
    const key = indexLayout.matches(logged.run, shard)
    const stored = await decodeMatches(key, await index.get(key), logged.rows)
    if (logged.run !== run) {
      // What earlier runs kept says which passages were seen.
      cutter?.next(await cutter.read(logged.run, shard), stored.decision)
      continue
    }
    const placed = { base, rows: logged.rows, edges: stored.edges }
    const decision = policyDecision(choice, placed, later)
    const { table } = decodeKeyFile(await index.get(indexLayout.keyFile(run, shard)))
    const { documentRow } = table
    const cuts = cutter?.next(await cutter.read(run, shard), decision)
    const ids = await readUtf8Column(await openParquetObject(store, layout.documents(shard)), 'id')
    await writeDedupAttributes(
      target,
      { run, shard },
      {
        decision,
        documentRow,
        ids,
        cut:
          cuts && ((part) => (cutter as PassageCutter).cut(part, cuts, store, shard, documentRow)),
      },
    )
  }
}
