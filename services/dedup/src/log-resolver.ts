import {
  type Attributes,
  CorruptError,
  rowCount,
  StorageError,
  scatterAttributes,
} from '@winnow/core'
import {
  type DedupParameters,
  dedupAttributes,
  type KeyFile,
  LogFold,
  OrderLog,
  type OrderLogEntry,
  requireSameFingerprint,
  signatureFingerprint,
  sketchBytes,
} from '@winnow/dedup'
import {
  decodeAttributes,
  encodeAttributes,
  layout,
  type ObjectStore,
  SHARD_METADATA,
} from '@winnow/storage'
import { IdReader } from './id-reader.js'
import { KeyFileReader } from './key-file-reader.js'
import { signAgain } from './signer.js'

/**
 * Follows the order log: the index and the resolution of all 256 slots in one process. Entries must be applied in the
 * order of the log; what comes out is a function of the log and the key files alone.
 */
export class LogResolver {
  private readonly log = new OrderLog()
  private readonly fold: LogFold
  private readonly keyFiles: KeyFileReader
  private readonly ids: IdReader
  private readonly fingerprint: string

  constructor(
    private readonly store: ObjectStore,
    private readonly parameters: DedupParameters,
  ) {
    this.fold = new LogFold(parameters)
    this.fingerprint = signatureFingerprint(parameters)
    this.keyFiles = new KeyFileReader(store, this.fingerprint)
    this.ids = new IdReader(store, this.keyFiles)
  }

  /** Distinct keys and bytes held by the index, and documents it knows. */
  get size(): { keys: number; bytes: number; documents: number } {
    const { index, decisions, ordinals } = this.fold
    return { keys: index.keys, bytes: index.bytes + decisions.bytes, documents: ordinals }
  }

  /** True when the shard has its place in the log. */
  has(shard: string): boolean {
    return this.log.find(shard) !== undefined
  }

  /** The entry that puts a signed shard into the log. Throws when its key file cannot be read. */
  async entry(run: string, shard: string, keyFile: string): Promise<OrderLogEntry> {
    const { rows } = await this.keyFiles.header(keyFile)
    return { schema: 1, run, shard, keyFile, rows, fingerprint: this.fingerprint }
  }

  /**
   * Takes the next entry of the log: looks its keys up, inserts them, decides, and writes attributes/dedup unless they
   * are there from before. Returns what it wrote.
   */
  async apply(entry: OrderLogEntry): Promise<Attributes | undefined> {
    requireSameFingerprint(
      this.fingerprint,
      entry.fingerprint,
      `shard ${entry.shard} in the order log`,
    )
    const file = await this.readKeyFile(entry)
    if (this.log.append(entry) === undefined) return undefined
    const decision = await this.fold.next(file.entries, file.table, (ordinals) =>
      this.keyFiles.records(this.log, ordinals, sketchBytes(this.parameters)),
    )
    const key = layout.attributes('dedup', entry.shard)
    if ((await this.store.head(key)) !== undefined) return undefined
    const part = await dedupAttributes(decision, this.parameters, (ordinals) =>
      this.ids.ids(this.log, ordinals),
    )
    const ids = await this.ids.column(entry.shard)
    const selection = Int32Array.from(file.table.documentRow)
    const attributes = scatterAttributes(part, selection, rowCount(ids))
    await this.store.put(key, encodeAttributes(ids, attributes, { [SHARD_METADATA]: entry.shard }))
    return attributes
  }

  /** A key file that was damaged or lost is made again: it follows from the shard's documents. */
  private async readKeyFile({ shard, keyFile }: OrderLogEntry): Promise<KeyFile> {
    try {
      return await this.keyFiles.read(keyFile)
    } catch (error) {
      if (!(error instanceof CorruptError || error instanceof StorageError)) throw error
      await signAgain(this.store, this.parameters, shard)
      return this.keyFiles.read(keyFile)
    }
  }

  /** The attributes that `apply` wrote for a shard, now or in an earlier run. */
  async attributes(shard: string): Promise<Attributes> {
    const key = layout.attributes('dedup', shard)
    return decodeAttributes(key, await this.store.get(key))
  }
}
