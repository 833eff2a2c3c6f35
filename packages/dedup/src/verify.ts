import { type Attributes, reasonOf, Verdict } from '@winnow/core'
import type { KeyFile } from './key-file.js'
import { ENTRY_WORDS, ROW_BITS, ROW_MASK, TEXT_TAG, URL_TAG } from './keys.js'
import { type DedupParameters, sketchBytes } from './parameters.js'
import { DUPLICATE_OF, DUPLICATE_RUN } from './resolve.js'

/** A shard as it is stored, to be verified. */
export interface StoredShard {
  /** Name of its run; '' when all shards are of one. */
  readonly run?: string
  readonly shard: string
  readonly keyFile: KeyFile
  /** Ids of the document shard's rows. */
  readonly ids: readonly string[]
  /** attributes/dedup of the document shard. */
  readonly attributes: Attributes
}

/** A row whose stored verdict is not the one that the log gives. */
export interface Disagreement {
  readonly shard: string
  readonly row: number
  readonly id: string
  /** `keep`, `unseen`, or the reason and the id of the earlier document. */
  readonly expected: string
  readonly stored: string
}

export interface VerifyReport {
  readonly documents: number
  readonly kept: number
  readonly dropped: number
  readonly disagreements: readonly Disagreement[]
  /** Ids of dropped documents from which no chain of `duplicate_of` leads to a kept one. */
  readonly lost: readonly string[]
  /** Kept documents (later, earlier) that the keys remembered show to be copies. */
  readonly keptCopies: readonly (readonly [string, string])[]
  /** As `keptCopies`, where the earlier one was not remembered since `chainLimit` older ones have the key. Allowed. */
  readonly beyondChain: readonly (readonly [string, string])[]
  /** No disagreement, nothing lost, no copies kept. */
  readonly sound: boolean
}

interface Seen {
  readonly run: string
  readonly id: string
  readonly keyFile: KeyFile
  readonly row: number
  /** By the recomputation. */
  kept: boolean
  readonly storedKept: boolean
  /** Earlier documents that have the run and the id that are stored, and are its copies by the keys remembered. */
  readonly named: number[]
}

interface Pair {
  url: boolean
  text: boolean
  bands: number
  /** False when every shared key had forgotten the earlier document. */
  remembered: boolean
}

const REASONS = ['duplicate_url', 'duplicate_text', 'near_duplicate'] as const

/**
 * Recomputes every verdict from the key files, with nothing but maps and loops, and compares with what is stored.
 * It shares no code with the index, the verification and the decisions. Memory grows with the corpus.
 *
 * @param shards in the order of the log; one whose run and id came before is skipped.
 * @param onCopy told the ordinals of each document and every earlier one that a remembered key shows to be its copy.
 */
export async function verifyDedup(
  shards: AsyncIterable<StoredShard> | Iterable<StoredShard>,
  parameters: DedupParameters,
  onCopy: (later: number, earlier: number) => void = () => {},
): Promise<VerifyReport> {
  const verifier = new NaiveVerifier(parameters, onCopy)
  for await (const shard of shards) verifier.add(shard)
  return verifier.report()
}

class NaiveVerifier {
  private readonly seen: Seen[] = []
  private readonly byKey = new Map<bigint, number[]>()
  private readonly shards = new Set<string>()
  private readonly disagreements: Disagreement[] = []
  private readonly keptCopies: [string, string][] = []
  private readonly beyondChain: [string, string][] = []

  private readonly certain: number

  constructor(
    private readonly parameters: DedupParameters,
    private readonly onCopy: (later: number, earlier: number) => void,
  ) {
    this.certain = bandsBelieved(parameters)
  }

  add(stored: StoredShard): void {
    const name = JSON.stringify([stored.run ?? '', stored.shard])
    if (this.shards.has(name)) return
    this.shards.add(name)
    const keysOfRow = keysByRow(stored.keyFile)
    const { documentRow } = stored.keyFile.table
    for (const [row, keys] of keysOfRow.entries())
      this.addRow(stored, row, documentRow[row] as number, keys)
    const signed = new Set(documentRow)
    for (let row = 0; row < stored.attributes.rows; row++)
      if (!signed.has(row)) this.compare(stored, row, 'unseen')
  }

  private addRow(stored: StoredShard, row: number, documentRow: number, keys: Key[]): void {
    const ordinal = this.seen.length
    const { attributes, keyFile, run = '' } = stored
    const namedId = attributes.labels[DUPLICATE_OF]?.[documentRow] ?? ''
    const namedRun = attributes.labels[DUPLICATE_RUN]?.[documentRow] || run
    const own: Seen = {
      run,
      id: stored.ids[documentRow] ?? '',
      keyFile,
      row,
      kept: true,
      storedKept: attributes.verdict[documentRow] === Verdict.keep,
      named: [],
    }
    let best: { strength: number; earlier: number } | undefined
    for (const [earlier, pair] of this.pairsOf(keys, ordinal)) {
      const other = this.seen[earlier] as Seen
      const strength = this.strength(own, other, pair)
      if (strength === undefined) continue
      if (pair.remembered) this.onCopy(ordinal, earlier)
      if (pair.remembered && !own.storedKept && other.id === namedId && other.run === namedRun)
        own.named.push(earlier)
      if (own.storedKept && other.storedKept)
        (pair.remembered ? this.keptCopies : this.beyondChain).push([own.id, other.id])
      if (!pair.remembered || (this.parameters.against === 'kept' && !other.kept)) continue
      if (
        best === undefined ||
        strength < best.strength ||
        (strength === best.strength && earlier < best.earlier)
      )
        best = { strength, earlier }
    }
    own.kept = best === undefined
    this.seen.push(own)
    const expected =
      best === undefined
        ? 'keep'
        : copyOf(REASONS[best.strength], run, this.seen[best.earlier] as Seen)
    this.compare(stored, documentRow, expected)
  }

  /** All earlier documents that share a key, and what they share of what the index remembers. */
  private pairsOf(keys: readonly Key[], ordinal: number): Map<number, Pair> {
    const pairs = new Map<number, Pair>()
    const forgotten = new Map<number, Pair>()
    for (const { key, tag } of keys) {
      const holders = this.byKey.get(key) ?? []
      for (const [place, earlier] of holders.entries()) {
        const remembered = place < this.parameters.chainLimit
        const side = remembered ? pairs : forgotten
        const pair = side.get(earlier) ?? { url: false, text: false, bands: 0, remembered }
        if (tag === URL_TAG) pair.url = true
        else if (tag === TEXT_TAG) pair.text = true
        else pair.bands++
        side.set(earlier, pair)
      }
      if (holders.at(-1) !== ordinal) holders.push(ordinal)
      this.byKey.set(key, holders)
    }
    for (const [earlier, pair] of forgotten) if (!pairs.has(earlier)) pairs.set(earlier, pair)
    return pairs
  }

  /** 0 for the same URL, 1 for the same text, 2 for a near duplicate; undefined when the pair is none of them. */
  private strength(own: Seen, other: Seen, pair: Pair): number | undefined {
    if (pair.url) return 0
    const certain = this.certain
    const lengths = [own, other].map(({ keyFile, row }) => keyFile.table.textLength[row])
    if (pair.text && (pair.bands >= certain || lengths[0] === lengths[1])) return 1
    if (pair.bands === 0) return undefined
    const { verify } = this.parameters
    if (verify === 'off' || pair.bands >= certain) return 2
    return this.estimate(own, other) >= verify ? 2 : undefined
  }

  /** Share of agreeing minimums, less those that agree by chance. */
  private estimate(own: Seen, other: Seen): number {
    const { sketchBits, sketchMinimums } = this.parameters
    const width = sketchBytes(this.parameters)
    let agree = 0
    for (let bit = 0; bit < sketchMinimums * sketchBits; bit += sketchBits) {
      const values = [own, other].map(({ keyFile, row }) => {
        const byte = keyFile.table.sketches[row * width + (bit >> 3)] ?? 0
        return (byte >> (bit & 7)) & (2 ** sketchBits - 1)
      })
      if (values[0] === values[1]) agree++
    }
    const chance = 2 ** -sketchBits
    return (agree / sketchMinimums - chance) / (1 - chance)
  }

  private compare({ run, shard, ids, attributes }: StoredShard, row: number, expected: string) {
    const stored = describeStored(attributes, row, run ?? '')
    if (stored !== expected)
      this.disagreements.push({ shard, row, id: ids[row] ?? '', expected, stored })
  }

  report(): VerifyReport {
    const kept = this.seen.filter((document) => document.storedKept).length
    const lost = this.lost()
    return {
      documents: this.seen.length,
      kept,
      dropped: this.seen.length - kept,
      disagreements: this.disagreements,
      lost,
      keptCopies: this.keptCopies,
      beyondChain: this.beyondChain,
      sound: this.disagreements.length === 0 && lost.length === 0 && this.keptCopies.length === 0,
    }
  }

  /** Walks the log once: a document is safe when it is kept or names an earlier safe one. Two documents may have one id. */
  private lost(): string[] {
    const safe = new Uint8Array(this.seen.length)
    const lost: string[] = []
    for (const [ordinal, { id, storedKept, named }] of this.seen.entries()) {
      if (storedKept || named.some((earlier) => safe[earlier] === 1)) safe[ordinal] = 1
      else lost.push(id)
    }
    return lost
  }
}

interface Key {
  readonly key: bigint
  readonly tag: number
}

function keysByRow({ header, entries }: KeyFile): Key[][] {
  const rows: Key[][] = Array.from({ length: header.rows }, () => [])
  for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
    const packed = entries[at + 2] as number
    const key = (BigInt(entries[at + 1] as number) << 32n) | BigInt(entries[at] as number)
    rows[packed & ROW_MASK]?.push({ key, tag: packed >>> ROW_BITS })
  }
  return rows
}

function copyOf(
  reason: string | null | undefined,
  run: string,
  of: Pick<Seen, 'run' | 'id'>,
): string {
  return `${reason} of ${of.id}${of.run === run ? '' : ` of run ${of.run}`}`
}

function describeStored(attributes: Attributes, row: number, run: string): string {
  const verdict = attributes.verdict[row]
  if (verdict === Verdict.keep) return 'keep'
  if (verdict === Verdict.unseen) return 'unseen'
  const { labels } = attributes
  return copyOf(reasonOf(attributes, row), run, {
    id: labels[DUPLICATE_OF]?.[row] ?? '',
    run: labels[DUPLICATE_RUN]?.[row] || run,
  })
}

/**
 * Shared bands from which on a pair is believed without its sketches: a pair at the threshold shares as many with a chance of at
 * most one in a million. Band by band: how likely each number of shared ones is.
 */
function bandsBelieved({ bands, rows, verify }: DedupParameters): number {
  if (verify === 'off') return 1
  const agrees = verify ** rows
  let odds = [1]
  for (let band = 0; band < bands; band++) {
    const next = new Array<number>(odds.length + 1).fill(0)
    for (const [shared, chance] of odds.entries()) {
      next[shared] = (next[shared] as number) + chance * (1 - agrees)
      next[shared + 1] = (next[shared + 1] as number) + chance * agrees
    }
    odds = next
  }
  let tail = 0
  for (let shared = bands; shared >= 1; shared--) {
    tail += odds[shared] as number
    if (tail > 1e-6) return shared + 1
  }
  return 1
}
