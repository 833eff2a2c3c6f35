import {
  BloomIndex,
  DuplicateIndex,
  decodeBloomSnapshot,
  decodeIndexSnapshot,
  ENTRY_WORDS,
  encodeBloomSnapshot,
  encodeIndexSnapshot,
  ROW_BITS,
  SLOTS,
  sortByKey,
} from '@winnow/dedup'
import { type BenchPart, type Measurement, wholeNumberSetting } from './part.js'

/** A shard of 20,000 documents with the keys of 14 bands, URL and text. */
const DOCUMENTS = 20_000
const KEYS = 16
const SHARD = DOCUMENTS * KEYS
const CHAIN_LIMIT = 8
/** Shards of known keys that are looked up, spread over all. */
const KNOWN_SHARDS = 30
const UNSEEN_LOOKUPS = 20_000_000
/** Numbers of keys that no shard has. */
const UNSEEN = 2 ** 40
/** A snapshot is written in parts of so many slots, as workers own them. */
const PART_SLOTS = 32

interface Kind {
  readonly name: string
  /** Whether memory grows with the keys, and is not given by those expected. */
  readonly grows: boolean
  readonly keys: number
  readonly bytes: number
  insert(entries: Uint32Array, base: number): unknown
  encode(): Uint8Array[]
  decode(snapshot: Uint8Array): unknown
}

export const duplicateIndexPart: BenchPart = {
  name: 'duplicate-index',
  title: `Look-ups and inserts in shards of ${SHARD.toLocaleString('en')} sorted keys (${KEYS} a document, 12 bytes each), and snapshots, one core, one run`,
  async measure(context) {
    const keys = wholeNumberSetting('WINNOW_BENCH_KEYS', 5_000_000)
    const shards = Math.ceil(keys / SHARD)
    context.note(
      `${(shards * SHARD).toLocaleString('en')} keys. At most: the most bytes a key after a shard, from a tenth of the keys on; while one of the 256 slots grows, its old copy comes on top.`,
    )
    warmUp()
    const exact = measureKind(exactKind(), shards)
    const bloom = bloomKind(shards * SHARD)
    return [...exact, ...measureKind(bloom, shards), measureUnseen(bloom.index)]
  },
}

/** Lets the compiler see all of the code before it is measured. */
function warmUp(): void {
  for (const kind of [exactKind(), bloomKind(2 * SHARD)]) measureKind(kind, 2)
}

function exactKind(): Kind {
  const index = new DuplicateIndex(CHAIN_LIMIT)
  const position = { entries: 1, ordinals: 2 ** 38 }
  return {
    name: 'exact',
    grows: true,
    get keys() {
      return index.keys
    },
    get bytes() {
      return index.bytes
    },
    insert: (entries, base) => index.insert(entries, base),
    encode: () => {
      const parts: Uint8Array[] = []
      for (let slot = 0; slot < SLOTS; slot += PART_SLOTS) {
        const part = index.part(slot, slot + PART_SLOTS)
        parts.push(encodeIndexSnapshot({ index: part, position, fingerprint: 'bench' }))
      }
      return parts
    },
    decode: (snapshot) => decodeIndexSnapshot(snapshot),
  }
}

function bloomKind(expectedKeys: number): Kind & { readonly index: BloomIndex } {
  const index = new BloomIndex({ expectedKeys })
  const position = { entries: 1, ordinals: 1 }
  return {
    name: 'bloom',
    grows: false,
    index,
    get keys() {
      return index.keys
    },
    get bytes() {
      return index.bytes
    },
    insert: (entries) => index.insert(entries),
    encode: () => [encodeBloomSnapshot({ index, position, fingerprint: 'bench' })],
    decode: (snapshot) => decodeBloomSnapshot(snapshot),
  }
}

function measureKind(kind: Kind, shards: number): Measurement[] {
  let fill = 0
  let most = 0
  for (let shard = 0; shard < shards; shard++) {
    fill += secondsOf(entriesOf(shard * SHARD), (entries) =>
      kind.insert(entries, shard * DOCUMENTS),
    )
    if (shard >= shards / 10) most = Math.max(most, kind.bytes / kind.keys)
  }
  const bytesPerKey = kind.bytes / kind.keys
  const snapshots = measureSnapshots(kind)
  const knownShards = Math.min(shards, KNOWN_SHARDS)
  let known = 0
  for (let number = 0; number < knownShards; number++) {
    const shard = Math.floor((number * shards) / knownShards)
    const base = (shards + number) * DOCUMENTS
    known += secondsOf(entriesOf(shard * SHARD), (entries) => kind.insert(entries, base))
  }
  return [
    {
      ...lookups(`${kind.name}, new keys`, shards * SHARD, fill),
      findings: {
        'keys/s': rate(shards * SHARD, fill),
        'bytes a key': bytesPerKey.toFixed(2),
        ...(kind.grows ? { 'at most': most.toFixed(2) } : {}),
      },
    },
    {
      ...lookups(`${kind.name}, known keys`, knownShards * SHARD, known),
      findings: { 'keys/s': rate(knownShards * SHARD, known) },
    },
    ...snapshots,
  ]
}

function measureSnapshots(kind: Kind): Measurement[] {
  const documents = kind.keys / KEYS
  let written: Uint8Array[] = []
  const encode = secondsOf(kind, () => {
    written = kind.encode()
  })
  const bytes = written.reduce((sum, part) => sum + part.length, 0)
  let decode = 0
  for (const part of written) decode += secondsOf(part, (snapshot) => kind.decode(snapshot))
  return [
    { program: `${kind.name}, write a snapshot`, documents, bytes, seconds: [encode] },
    { program: `${kind.name}, read a snapshot`, documents, bytes, seconds: [decode] },
  ]
}

/** Look-ups without inserting, of keys that were never inserted. */
function measureUnseen(index: BloomIndex): Measurement {
  const count = Math.ceil(UNSEEN_LOOKUPS / SHARD) * SHARD
  const computed = index.falsePositiveRate
  let found = 0
  let seconds = 0
  for (let number = 0; number < count; number += SHARD)
    seconds += secondsOf(entriesOf(UNSEEN + number), (entries) => {
      for (let at = 0; at < entries.length; at += ENTRY_WORDS)
        if (index.has(entries[at] as number, entries[at + 1] as number)) found++
    })
  return {
    ...lookups('bloom, look-ups of unseen keys', count, seconds),
    findings: {
      'keys/s': rate(count, seconds),
      'false positives': `${(found / count).toExponential(1)} (${found}; computed ${computed.toExponential(1)})`,
    },
  }
}

function lookups(program: string, keys: number, seconds: number): Measurement {
  return { program, documents: keys / KEYS, bytes: keys * ENTRY_WORDS * 4, seconds: [seconds] }
}

function secondsOf<T>(input: T, work: (input: T) => void): number {
  const start = performance.now()
  work(input)
  return (performance.now() - start) / 1000
}

function rate(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString('en')
}

/** A shard with the keys of numbers `first` to `first + SHARD`, sorted as in a key file. */
function entriesOf(first: number): Uint32Array {
  const entries = new Uint32Array(SHARD * ENTRY_WORDS)
  for (let i = 0; i < SHARD; i++) {
    const number = first + i
    let low = number | 0
    let high = Math.floor(number / 2 ** 32)
    // Four rounds of a Feistel network: different numbers have different keys.
    for (let round = 0; round < 2; round++) {
      low ^= scramble(high + round + 1)
      high ^= scramble(low - round)
    }
    const at = i * ENTRY_WORDS
    entries[at] = low
    entries[at + 1] = high
    entries[at + 2] = ((i % KEYS) << ROW_BITS) | Math.floor(i / KEYS)
  }
  return sortByKey(entries)
}

/** The finaliser of MurmurHash3, 32 bits. */
function scramble(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
