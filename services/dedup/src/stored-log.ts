import { decodeLog, decodeLogLine, type OrderLogEntry } from '@winnow/dedup'
import { indexLayout, type ObjectStore, readMany } from '@winnow/storage'

/** The order log as it is stored with an index. */
export interface StoredLog {
  /** `file`: one line an entry, written by a run on one machine. `objects`: one object an entry, written by a cluster. */
  readonly kind: 'file' | 'objects'
  /** Repeated ones among them. */
  readonly entries: readonly OrderLogEntry[]
}

/** Reads the order log of an index, whichever way it is stored; undefined when there is none. */
export async function readOrderLog(index: ObjectStore): Promise<StoredLog | undefined> {
  if ((await index.head(indexLayout.orderLog)) !== undefined)
    return { kind: 'file', entries: decodeLog(await index.get(indexLayout.orderLog)).entries }
  const keys: string[] = []
  for await (const { key } of index.list(indexLayout.orderEntries)) keys.push(key)
  if (keys.length === 0) return undefined
  const entries: OrderLogEntry[] = []
  // Names sort as the positions do. A gap is an entry that could not be read or came twice.
  for await (const { key, bytes } of readMany(index, keys.sort()))
    entries.push(decodeLogLine(Buffer.from(bytes).toString('utf8'), key))
  return { kind: 'objects', entries }
}
