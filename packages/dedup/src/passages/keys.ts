import { hash64, UsageError, type Utf8Column, valueBytes } from '@winnow/core'
import { passageHashes } from '@winnow/kernel'
import { ENTRY_WORDS, sortByKey } from '../keys.js'
import { type PassageOptions, passageFingerprint } from './options.js'

/** The passages of a batch: those of row `i` are `offsets[i] .. offsets[i + 1]`, in the order in which they stand. */
export interface Passages {
  readonly rows: number
  readonly offsets: Uint32Array
  /** First byte of each passage in its row. */
  readonly starts: Uint32Array
  /** The byte after its line end, for a paragraph after the blank lines that follow: cutting leaves no line behind. */
  readonly ends: Uint32Array
  /** Bytes of each row's passages, those too short to have a key among them; 0 when all of its lines are blank. */
  readonly passageBytes: Uint32Array
  /**
   * Low and high word of a key, and the number of its passage: 3 words each, sorted by the top 24 bits of the key,
   * then by passage.
   */
  readonly entries: Uint32Array
}

const encoder = new TextEncoder()

/**
 * The passages of a batch that are long enough to be compared, with their keys.
 *
 * @param hosts the host of each row, as `hostColumn` gives them; needed with `scope: 'host'`. Rows without one share one scope.
 * @throws UsageError when hosts are needed and not given.
 */
export function passageKeys(
  text: Utf8Column,
  hosts: Utf8Column | undefined,
  options: PassageOptions,
): Passages {
  const { unit, normalise, minBytes } = options
  const rows = text.offsets.length - 1
  const seeds = rowSeeds(rows, hosts, options)
  const { offsets, starts, ends, passageBytes, keys } = passageHashes(text, {
    unit,
    normalise,
    minBytes,
    seeds,
  })
  const words = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length)
  const entries = new Uint32Array(keys.length * ENTRY_WORDS)
  for (let passage = 0; passage < keys.length; passage++) {
    const at = passage * ENTRY_WORDS
    entries[at] = words[2 * passage] as number
    entries[at + 1] = words[2 * passage + 1] as number
    entries[at + 2] = passage
  }
  return { rows, offsets, starts, ends, passageBytes, entries: sortByKey(entries) }
}

/** What is mixed into the keys of each row: the options, and the host where only that counts. */
function rowSeeds(
  rows: number,
  hosts: Utf8Column | undefined,
  options: PassageOptions,
): BigUint64Array {
  const base = hash64(encoder.encode(passageFingerprint(options)))
  const seeds = new BigUint64Array(rows).fill(base)
  if (options.scope === 'all') return seeds
  if (hosts === undefined || hosts.offsets.length !== rows + 1)
    throw new UsageError(
      'passages.scope is host, but the hosts of the documents are not given',
      'Give one host per document, or set the scope to all.',
    )
  for (let row = 0; row < rows; row++) seeds[row] = hash64(valueBytes(hosts, row), base)
  return seeds
}

/** The row of each passage. */
export function passageRows({ rows, offsets, starts }: Passages): Uint32Array {
  const out = new Uint32Array(starts.length)
  for (let row = 0; row < rows; row++) out.fill(row, offsets[row], offsets[row + 1])
  return out
}
