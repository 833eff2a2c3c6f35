// Compression in Snappy's block format: a length, then literals and copies of what came at most 64 KiB before. A function of
// the input alone: the table of what was seen begins empty with every block of 64 KiB.

const BLOCK: usize = 65536
/** Places in the block by the hash of the four bytes there: u16 each. */
const TABLE: usize = 1024
const TABLE_BITS: u32 = 14
const TABLE_BYTES: usize = 2 << TABLE_BITS
const INPUT: usize = TABLE + TABLE_BYTES
/** Bytes after a copy or literal that may be written beyond its end. */
const MARGIN: usize = 64
/** A match is looked for only while so many bytes follow, so that wide loads stay in the block. */
const LEAST_AHEAD: usize = 15

let output: usize = 0

/** Makes room for an input of `length` bytes, at `inputAt()`. */
export function reserve(length: usize): void {
  output = (INPUT + length + MARGIN + 15) & ~15
  const end = output + 32 + length + length / 6 + MARGIN
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) unreachable()
}

export function inputAt(): usize {
  return INPUT
}

export function outputAt(): usize {
  return output
}

/** Compresses the input; returns the bytes of the result, at `outputAt()`. */
export function compress(length: usize): usize {
  let to = output
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) store<u8>(to++, (<u8>rest) | 0x80)
  store<u8>(to++, <u8>rest)
  for (let done: usize = 0; done < length; done += BLOCK) {
    const size = min(BLOCK, length - done)
    to = compressBlock(INPUT + done, size, to)
  }
  return to - output
}

@inline
function hash(bytes: u32): usize {
  return <usize>((bytes * 0x9e3779b1) >>> (32 - TABLE_BITS)) << 1
}

function compressBlock(base: usize, size: usize, output: usize): usize {
  const end = base + size
  let to = output
  let literal = base
  if (size > LEAST_AHEAD) {
    memory.fill(TABLE, 0, TABLE_BYTES)
    const limit = end - LEAST_AHEAD
    let at = base + 1
    while (true) {
      // Where nothing matches, look at ever fewer places: text that does not compress is passed over fast.
      let misses: usize = 48
      let candidate: usize = 0
      while (at <= limit) {
        const bytes = load<u32>(at)
        const slot = TABLE + hash(bytes)
        candidate = base + load<u16>(slot)
        store<u16>(slot, <u16>(at - base))
        if (load<u32>(candidate) == bytes) break
        at += misses++ >>> 5
      }
      if (at > limit) break
      to = putLiteral(to, literal, at - literal)
      while (true) {
        const length = 4 + matchLength(candidate + 4, at + 4, end)
        to = putCopy(to, <u32>(at - candidate), length)
        at += length
        literal = at
        if (at > limit) break
        store<u16>(TABLE + hash(load<u32>(at - 1)), <u16>(at - 1 - base))
        const bytes = load<u32>(at)
        const slot = TABLE + hash(bytes)
        candidate = base + load<u16>(slot)
        store<u16>(slot, <u16>(at - base))
        if (load<u32>(candidate) != bytes) {
          at++
          break
        }
      }
    }
  }
  return literal < end ? putLiteral(to, literal, end - literal) : to
}

/** How many bytes from `earlier` and from `at` are the same, before `end`. */
@inline
function matchLength(earlier: usize, at: usize, end: usize): usize {
  const from = at
  while (at + 8 <= end) {
    const differ = load<u64>(earlier) ^ load<u64>(at)
    if (differ != 0) return at - from + (<usize>ctz(differ) >>> 3)
    at += 8
    earlier += 8
  }
  while (at < end && load<u8>(earlier) == load<u8>(at)) {
    at++
    earlier++
  }
  return at - from
}

@inline
function putLiteral(to: usize, from: usize, length: usize): usize {
  const last = length - 1
  if (last < 60) store<u8>(to++, <u8>(last << 2))
  else if (last < 256) {
    store<u16>(to, <u16>((60 << 2) | (last << 8)))
    to += 2
  } else {
    store<u8>(to, 61 << 2)
    store<u16>(to + 1, <u16>last)
    to += 3
  }
  // Writes beyond its end, where the next element comes or the margin is.
  for (let done: usize = 0; done < length; done += 16) v128.store(to + done, v128.load(from + done))
  return to + length
}

@inline
function putCopy(to: usize, offset: u32, length: usize): usize {
  for (; length >= 68; length -= 64) to = putLongCopy(to, offset, 64)
  if (length > 64) {
    to = putLongCopy(to, offset, 60)
    length -= 60
  }
  if (length >= 12 || offset >= 2048) return putLongCopy(to, offset, length)
  store<u16>(to, <u16>(1 | ((length - 4) << 2) | ((offset >>> 8) << 5) | ((offset & 0xff) << 8)))
  return to + 2
}

@inline
function putLongCopy(to: usize, offset: u32, length: usize): usize {
  store<u8>(to, <u8>(2 | ((length - 1) << 2)))
  store<u16>(to + 1, <u16>offset)
  return to + 3
}
