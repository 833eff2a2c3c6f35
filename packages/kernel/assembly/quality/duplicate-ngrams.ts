// Repeated n-grams of five words and more, compared without the white space between their words. Words are no help
// then, but equal n-grams have equal first bytes: so each position is given the number of bytes that stand nowhere else.
import { at32, clearSeen, markSeen, put32, seenTwice } from './filter'
import { counts, gramHash, grams, joined, names, wordChars, wordStart } from './layout'
import { findOrInsert, hashBytes, startTable } from './table'
import { words } from './words'

/** Bytes of the prefixes that are looked at; each is the one before and eight or sixteen more. */
const FIRST_PREFIX: u32 = 16
const LAST_PREFIX: u32 = 64

/** Words that may begin a repeated n-gram, ascending, in `grams`; an n-gram of `counts` bytes or more stands once. */
let candidates: u32 = 0
/** Candidates, in `names`, whose prefix stands twice so far; `gramHash` has its hash. */
let active: u32 = 0

function addHash(hash: u64, at: usize): u64 {
  return ((hash ^ (hash >> 32)) + load<u64>(at)) * 0x9e3779b97f4a7c15
}

function hashAt(index: u32): u64 {
  return load<u64>(gramHash + ((<usize>index) << 3))
}

function putHash(index: u32, hash: u64): void {
  store<u64>(gramHash + ((<usize>index) << 3), hash)
}

/** Finds the candidates for n-grams of five words and more. */
export function findCandidates(): void {
  candidates = active = 0
  if (words < 5) return
  const last = words - 4
  clearSeen(last)
  for (let i: u32 = 0; i < last; i++) {
    const start = joined + at32(wordStart, i)
    const hash = addHash(load<u64>(start) * 0xbf58476d1ce4e5b9, start + 8)
    putHash(i, hash)
    markSeen(hash)
  }
  // Counters are local, here and below: a global one is written to memory and read again at every step. And there are
  // no branches, since candidates are too evenly spread to be foreseen.
  let found: u32 = 0
  let repeated: u32 = 0
  for (let i: u32 = 0; i < last; i++) {
    const hash = hashAt(i)
    const twice = u32(seenTwice(hash))
    put32(grams, found, i)
    put32(counts, found, select<u32>(u32.MAX_VALUE, FIRST_PREFIX, twice))
    put32(names, repeated, found)
    putHash(repeated, hash)
    repeated += twice
    found += twice | u32(at32(wordStart, i + 5) - at32(wordStart, i) < FIRST_PREFIX)
  }
  candidates = found
  active = repeated
  for (let length = FIRST_PREFIX; active > 0 && length < LAST_PREFIX; ) {
    const next: u32 = length < 48 ? length + 8 : length + 16
    lengthenPrefixes(length, next)
    length = next
  }
}

function lengthenPrefixes(from: u32, to: u32): void {
  const before = active
  clearSeen(before)
  for (let a: u32 = 0; a < before; a++) {
    const start = joined + at32(wordStart, at32(grams, at32(names, a)))
    let hash = hashAt(a)
    for (let at = from; at < to; at += 8) hash = addHash(hash, start + at)
    putHash(a, hash)
    markSeen(hash)
  }
  let kept: u32 = 0
  for (let a: u32 = 0; a < before; a++) {
    const candidate = at32(names, a)
    const hash = hashAt(a)
    const twice = u32(seenTwice(hash))
    put32(counts, candidate, select<u32>(u32.MAX_VALUE, to, twice))
    put32(names, kept, candidate)
    putHash(kept, hash)
    kept += twice
  }
  active = kept
}

/** Leaves out the candidates that begin no repeated n-gram of `n` words or more. */
function keepCandidates(n: u32): void {
  const before = candidates
  const total = words
  let kept: u32 = 0
  for (let c: u32 = 0; c < before; c++) {
    const i = at32(grams, c)
    if (i + n > total) break
    const limit = at32(counts, c)
    put32(grams, kept, i)
    put32(counts, kept, limit)
    kept += u32(at32(wordStart, i + n) - at32(wordStart, i) < limit)
  }
  candidates = kept
}

/**
 * Code points of n-grams that stood before, found left to right: a repeated one is jumped over whole and adds nothing to
 * what is known. Lengths leave out white space. To be called for ascending `n` from 5 on, after `findCandidates`.
 */
export function duplicateChars(n: u32): u64 {
  if (words < n) return 0
  keepCandidates(n)
  startTable(candidates)
  let chars: u64 = 0
  let next: u32 = 0
  for (let c: u32 = 0, all = candidates; c < all; c++) {
    const i = at32(grams, c)
    if (i < next) continue
    const start = at32(wordStart, i)
    const length = at32(wordStart, i + n) - start
    if (findOrInsert(hashBytes(joined + start, length), i) != i) {
      chars += at32(wordChars, i + n) - at32(wordChars, i)
      next = i + n
    }
  }
  return chars
}
