import { GOLDEN, K1, mix64 } from './hash'

// MinHash signatures; the family of functions is explained in `src/reference/minhash.ts`. Streams lie in vectors of 4.
// The minimums of one vector of streams lie together, step after step, so that the inner loop goes straight on.

const BAND_FAMILY: u64 = 0x62616e64

let bands: u32 = 0
let rows: u32 = 0
let permutations: u32 = 0
let sketchBits: u32 = 0
let sketchSize: u32 = 0
let seed: u32 = 0
/** Vectors of 4 streams. */
let vectors: u32 = 0
let steps: u32 = 0
/** Per vector of streams the constants `add`, `first`, `second`, `third`. */
let constants: usize = 0
let minimums: usize = 0
/** The minimums in the order of the permutations. */
let ordered: usize = 0

export function sketchBytes(): usize {
  return <usize>((sketchSize * sketchBits + 7) >> 3)
}

export function bandKeyBytes(): usize {
  return (<usize>bands) << 3
}

/** Bytes of memory that `configure` takes. */
export function minhashBytes(bandCount: u32, rowCount: u32): usize {
  const streams = <usize>streamCount(rowCount)
  const values = <usize>(bandCount * rowCount) + streams
  return streams * 16 + values * 4 * 2 + 64
}

function streamCount(rowCount: u32): u32 {
  return max<u32>(8, (rowCount + 3) & ~3)
}

/** Sets the parameters and lays the state out from `at` on, a multiple of 16. */
export function configure(
  at: usize,
  bandCount: u32,
  rowCount: u32,
  bits: u32,
  size: u32,
  seedValue: u32,
): void {
  bands = bandCount
  rows = rowCount
  permutations = bandCount * rowCount
  sketchBits = bits
  sketchSize = size
  seed = seedValue
  const streams = streamCount(rowCount)
  vectors = streams >> 2
  steps = (permutations + streams - 1) / streams
  constants = at
  minimums = constants + ((<usize>streams) << 4)
  ordered = minimums + ((<usize>(steps * streams)) << 2)
  let state = <u64>seedValue
  for (let stream: u32 = 0; stream < streams; stream++) {
    const lane = constants + ((<usize>(stream >> 2)) << 6) + ((<usize>(stream & 3)) << 2)
    for (let constant: usize = 0; constant < 4; constant++) {
      state += GOLDEN
      const value = <u32>mix64(state)
      store<u32>(lane + (constant << 4), constant ? value | 1 : value)
    }
  }
}

export function beginMinimums(): void {
  memory.fill(minimums, 0xff, (<usize>(steps * vectors)) << 4)
}

/** Takes `count` 64-bit hashes at `at` into the minimums. Up to 3 hashes after the last are overwritten. */
export function updateMinimums(at: usize, count: u32): void {
  if (count == 0) return
  const end = at + ((<usize>count) << 3)
  // Whole groups of 4: the last hash again changes no minimum.
  const last = load<u64>(end - 8)
  store<u64>(end, last)
  store<u64>(end, last, 8)
  store<u64>(end, last, 16)
  const lastStep = (<usize>steps) << 4
  for (let vector: usize = 0; vector < <usize>vectors; vector++) {
    const from = constants + (vector << 6)
    const add = v128.load(from)
    const first = v128.load(from, 16)
    const second = v128.load(from, 32)
    const third = v128.load(from, 48)
    const low = minimums + vector * lastStep
    const high = low + lastStep
    for (let hash = at; hash < end; hash += 32) {
      let t = i32x4.mul(i32x4.add(v128.load32_splat(hash), add), first)
      t = v128.xor(t, i32x4.shr_u(t, 16))
      let a0 = i32x4.mul(i32x4.add(t, v128.load32_splat(hash, 4)), second)
      a0 = v128.xor(a0, i32x4.shr_u(a0, 15))
      const b0 = i32x4.mul(v128.xor(t, a0), third)
      t = i32x4.mul(i32x4.add(v128.load32_splat(hash, 8), add), first)
      t = v128.xor(t, i32x4.shr_u(t, 16))
      let a1 = i32x4.mul(i32x4.add(t, v128.load32_splat(hash, 12)), second)
      a1 = v128.xor(a1, i32x4.shr_u(a1, 15))
      const b1 = i32x4.mul(v128.xor(t, a1), third)
      t = i32x4.mul(i32x4.add(v128.load32_splat(hash, 16), add), first)
      t = v128.xor(t, i32x4.shr_u(t, 16))
      let a2 = i32x4.mul(i32x4.add(t, v128.load32_splat(hash, 20)), second)
      a2 = v128.xor(a2, i32x4.shr_u(a2, 15))
      const b2 = i32x4.mul(v128.xor(t, a2), third)
      t = i32x4.mul(i32x4.add(v128.load32_splat(hash, 24), add), first)
      t = v128.xor(t, i32x4.shr_u(t, 16))
      let a3 = i32x4.mul(i32x4.add(t, v128.load32_splat(hash, 28)), second)
      a3 = v128.xor(a3, i32x4.shr_u(a3, 15))
      const b3 = i32x4.mul(v128.xor(t, a3), third)
      for (let minimum = low; minimum < high; minimum += 16) {
        const smallest = i32x4.min_u(i32x4.min_u(a0, a1), i32x4.min_u(a2, a3))
        v128.store(minimum, i32x4.min_u(v128.load(minimum), smallest))
        a0 = i32x4.add(a0, b0)
        a1 = i32x4.add(a1, b1)
        a2 = i32x4.add(a2, b2)
        a3 = i32x4.add(a3, b3)
      }
    }
  }
}

/** Writes the row's band keys and sketch. */
export function writeSignature(keys: usize, sketch: usize): void {
  orderMinimums()
  let at = ordered
  for (let band: u32 = 0; band < bands; band++) {
    let key = mix64(((BAND_FAMILY << 32) | <u64>band) ^ (<u64>seed * GOLDEN))
    const end = at + ((<usize>rows) << 2)
    for (; at < end; at += 4) {
      key = (key ^ <u64>load<u32>(at)) * K1
      key ^= key >> 32
    }
    store<u64>(keys + ((<usize>band) << 3), mix64(key))
  }
  if (sketchBits == 8) {
    for (let p: usize = 0; p < <usize>sketchSize; p++)
      store<u8>(sketch + p, mix32(load<u32>(ordered + (p << 2))))
    return
  }
  for (let p: usize = 0; p < <usize>sketchSize; p += 2) {
    const even = mix32(load<u32>(ordered + (p << 2))) & 15
    const odd = p + 1 < <usize>sketchSize ? mix32(load<u32>(ordered + (p << 2), 4)) & 15 : 0
    store<u8>(sketch + (p >> 1), even | (odd << 4))
  }
}

function orderMinimums(): void {
  let out = ordered
  const stride = (<usize>steps) << 4
  for (let step: usize = 0; step < <usize>steps; step++) {
    let from = minimums + (step << 4)
    for (let vector: u32 = 0; vector < vectors; vector++) {
      v128.store(out, v128.load(from))
      out += 16
      from += stride
    }
  }
}

/** Finaliser of MurmurHash3 (32 bits). */
function mix32(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x85ebca6b
  x = (x ^ (x >> 13)) * 0xc2b2ae35
  return x ^ (x >> 16)
}
