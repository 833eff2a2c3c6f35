import { type Attributes, scatterAttributes } from '@winnow/core'
import { Decisions } from '../src/decisions.js'
import { decodeIndexSnapshot, encodeIndexSnapshot } from '../src/index-snapshot.js'
import { decodeKeyFile, encodeKeyFile } from '../src/key-file.js'
import { LogFold } from '../src/log-fold.js'
import { OrderLog } from '../src/order-log.js'
import {
  type DedupParameters,
  fingerprint,
  signatureFingerprint,
  sketchBytes,
} from '../src/parameters.js'
import { RecordStore } from '../src/record-store.js'
import { dedupAttributes } from '../src/resolve.js'
import type { StoredShard } from '../src/verify.js'
import { signDocuments, type TestDocument } from './documents.js'

/** Signs shards; every document is row `2 * i + 1` of its document shard, as if an earlier stage had dropped the rest. */
export function signShards(
  shards: readonly (readonly TestDocument[])[],
  parameters: DedupParameters,
): { shard: string; file: Uint8Array; documents: readonly TestDocument[] }[] {
  return shards.map((documents, number) => {
    const { signatures, urls } = signDocuments(documents, parameters)
    const rows = documents.map((_, row) => 2 * row + 1)
    const file = encodeKeyFile(signatures, urls, parameters, rows)
    return { shard: `s${number}`, file, documents }
  })
}

/**
 * Runs signed shards through the log as the embedded shape does.
 *
 * @param restartAfter shard numbers after which everything held in memory is written, forgotten and read again.
 */
export async function runLog(
  shards: ReturnType<typeof signShards>,
  parameters: DedupParameters,
  restartAfter: ReadonlySet<number> = new Set(),
): Promise<StoredShard[]> {
  const log = new OrderLog()
  const records = new RecordStore(sketchBytes(parameters))
  const ids: string[] = []
  const stored: StoredShard[] = []
  let fold = new LogFold(parameters)
  for (const [number, { shard, file, documents }] of shards.entries()) {
    const keyFile = decodeKeyFile(file)
    const { rows } = keyFile.header
    const entry = log.append({
      schema: 1,
      run: 'test',
      shard,
      keyFile: shard,
      rows,
      fingerprint: signatureFingerprint(parameters),
    })
    if (entry === undefined) continue
    const decision = await fold.next(keyFile.entries, keyFile.table, (wanted) =>
      records.read(wanted),
    )
    records.append(keyFile.table)
    for (const { id } of documents) ids.push(id)
    const part = await dedupAttributes(decision, parameters, (ordinals) =>
      Array.from(ordinals, (ordinal) => ids[ordinal] ?? '?'),
    )
    stored.push({
      shard,
      keyFile,
      ids: documents.flatMap(({ id }) => [`${id} dropped before`, id]),
      attributes: scatterAttributes(
        part,
        Int32Array.from(keyFile.table.documentRow),
        2 * documents.length,
      ),
    })
    if (restartAfter.has(number)) fold = restarted(fold, parameters, log)
  }
  return stored
}

function restarted(fold: LogFold, parameters: DedupParameters, log: OrderLog): LogFold {
  const snapshot = decodeIndexSnapshot(
    encodeIndexSnapshot({
      index: fold.index,
      position: log.position,
      fingerprint: fingerprint(parameters),
    }),
  )
  const saved = Decisions.decode(fold.decisions.encode(log.position.entries), parameters.against)
  return new LogFold(parameters, snapshot.index, saved.decisions)
}

/** What became of each document: `id: reason of id`. */
export function verdictsOf(stored: readonly StoredShard[]): string[] {
  return stored.flatMap(({ ids, attributes }) =>
    ids.flatMap((id, row) =>
      id.endsWith('dropped before') ? [] : [`${id}: ${describeRow(attributes, row)}`],
    ),
  )
}

function describeRow(attributes: Attributes, row: number): string {
  const reason = attributes.reasons[attributes.reasonCode[row] as number]
  const jaccard = attributes.metrics.jaccard_estimate?.[row]?.toFixed(4)
  return `${reason} ${attributes.labels.duplicate_of?.[row]} ${jaccard} ${attributes.detail[row]}`
}
