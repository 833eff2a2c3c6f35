import { CorruptError } from '@winnow/core'
import { BloomIndex, bloomOptionsAreSound, bloomPlan } from './bloom-index.js'
import { LINE_WORDS, layerShapeIsSound } from './bloom-shape.js'
import { BloomLayer, BloomSlot, layerSeed } from './bloom-slot.js'
import {
  CHECKSUM_BYTES,
  isCount,
  padded,
  requireSealed,
  seal,
  viewOf,
  wordsAt,
} from './checksum.js'
import type { LogPosition } from './index-snapshot.js'

export interface BloomSnapshot {
  readonly index: BloomIndex
  /** The next log entry to read. */
  readonly position: LogPosition
  readonly fingerprint: string
}

/**
 * A snapshot is, little-endian: magic "WNBF", version, first slot, end slot, bytes of the fingerprint, 0: u32 each; expected
 * keys, false-positive rate, log entries and ordinals: f64 each; the fingerprint, padded; per slot its count of layers (u32), and
 * per layer its lines, rounds, capacity and keys (u32 each) and its lines; u64 checksum of all before.
 * Sizes are stored, not computed again: what `Math.exp` gives may differ in its last bit elsewhere.
 */
const MAGIC = 0x46424e57
const VERSION = 1
const HEAD_BYTES = 56
const LAYER_HEAD_WORDS = 4

/** Writes the index and its place in the log. The bytes are a function of the log up to there. */
export function encodeBloomSnapshot({ index, position, fingerprint }: BloomSnapshot): Uint8Array {
  const name = new TextEncoder().encode(fingerprint)
  const slots: (readonly BloomLayer[])[] = []
  for (let slot = index.firstSlot; slot < index.endSlot; slot++) slots.push(index.slot(slot).dump())
  const headBytes = HEAD_BYTES + padded(name.length)
  const bodyWords = slots.reduce((sum, layers) => sum + 1 + layerWords(layers), 0)
  const out = new Uint8Array(headBytes + 4 * bodyWords + CHECKSUM_BYTES)
  const view = viewOf(out)
  const numbers = [MAGIC, VERSION, index.firstSlot, index.endSlot, name.length, 0]
  for (const [at, number] of numbers.entries()) view.setUint32(4 * at, number, true)
  const { expectedKeys, wantedRate } = index
  const floats = [expectedKeys, wantedRate, position.entries, position.ordinals]
  for (const [at, number] of floats.entries()) view.setFloat64(24 + 8 * at, number, true)
  out.set(name, HEAD_BYTES)
  const words = new Uint32Array(out.buffer, headBytes, bodyWords)
  let at = 0
  for (const layers of slots) {
    words[at++] = layers.length
    for (const { shape, keys, words: lines } of layers) {
      words.set([shape.lines, shape.rounds, shape.capacity, keys], at)
      words.set(lines, at + LAYER_HEAD_WORDS)
      at += LAYER_HEAD_WORDS + lines.length
    }
  }
  return seal(out)
}

/**
 * Reads a snapshot.
 *
 * @throws CorruptError when it is torn, changed, or of another version.
 */
export function decodeBloomSnapshot(bytes: Uint8Array): BloomSnapshot {
  const view = viewOf(bytes)
  if (bytes.length < HEAD_BYTES + CHECKSUM_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new CorruptError(
      'this is not a Bloom index snapshot',
      'Delete it; the log is replayed instead.',
    )
  if (view.getUint32(4, true) !== VERSION)
    throw new CorruptError(
      `the Bloom index snapshot has version ${view.getUint32(4, true)}, this program reads ${VERSION}`,
      'Delete it; the log is replayed instead.',
    )
  requireSealed(bytes, 'the Bloom index snapshot')
  const nameBytes = view.getUint32(16, true)
  const options = {
    expectedKeys: view.getFloat64(24, true),
    falsePositiveRate: view.getFloat64(32, true),
    firstSlot: view.getUint32(8, true),
    endSlot: view.getUint32(12, true),
  }
  const position = { entries: view.getFloat64(40, true), ordinals: view.getFloat64(48, true) }
  const headBytes = HEAD_BYTES + padded(nameBytes)
  const bodyBytes = bytes.length - CHECKSUM_BYTES - headBytes
  if (!isCount(position.entries) || !isCount(position.ordinals)) throw broken()
  if (!bloomOptionsAreSound(options) || bodyBytes < 0 || bodyBytes % 4 !== 0) throw broken()
  const words = wordsAt(bytes, headBytes, bodyBytes)
  const plan = bloomPlan(options)
  const slots: BloomSlot[] = []
  let at = 0
  for (let slot = options.firstSlot; slot < options.endSlot; slot++) {
    const layers = readLayers(words, at)
    at += 1 + layerWords(layers)
    slots.push(new BloomSlot(plan, layers))
  }
  if (at !== words.length) throw broken()
  return {
    index: new BloomIndex(options, slots),
    position,
    fingerprint: new TextDecoder().decode(bytes.subarray(HEAD_BYTES, HEAD_BYTES + nameBytes)),
  }
}

/** The layers of the slot that starts at word `at`. */
function readLayers(words: Uint32Array, at: number): BloomLayer[] {
  const count = words[at] ?? 0
  const layers: BloomLayer[] = []
  let from = at + 1
  for (let number = 0; number < count; number++) {
    const [lines = 0, rounds = 0, capacity = 0, keys = 0] = words.subarray(
      from,
      from + LAYER_HEAD_WORDS,
    )
    const shape = { lines, rounds, capacity }
    const start = from + LAYER_HEAD_WORDS
    const end = start + lines * LINE_WORDS
    if (!layerShapeIsSound(shape) || keys > capacity || end > words.length) throw broken()
    layers.push(new BloomLayer(shape, layerSeed(number), words.slice(start, end), keys))
    from = end
  }
  if (layers.length === 0) throw broken()
  return layers
}

function layerWords(layers: readonly BloomLayer[]): number {
  return layers.reduce((sum, layer) => sum + LAYER_HEAD_WORDS + layer.words.length, 0)
}

function broken(): CorruptError {
  return new CorruptError(
    'the Bloom index snapshot contradicts itself',
    'Delete it; the log is replayed instead.',
  )
}
