// Where everything lies in this instance's memory. One instance measures one document at a time, of at most `capacity`
// bytes; the layout is fixed at `layOut`, so that no document ever sees another's leftovers as its own.

/** Bytes that may be read past the end of the text and of the joined words by wide loads. */
const PADDING: usize = 128

/** One class byte per code point of planes 0 to 3; all letters and punctuation lie there. */
export const CLASSED_CODE_POINTS: u32 = 0x40000
export const STOP_SLOTS: u32 = 8192
/** Bytes of `seen`: eight per word up to half a million words; more words only make more false candidates. */
export const MAX_SEEN: usize = 0x400000

export let capacity: u32 = 0
export let classes: usize = 0
export let metrics: usize = 0
export let stopTable: usize = 0
export let text: usize = 0
/** The words of the document without the white space between them. */
export let joined: usize = 0
/** Per word, u64: hash of its bytes. */
export let wordHash: usize = 0
/** Per word, and once more for the end: u32 offset in `joined`, and code points before it. */
export let wordStart: usize = 0
export let wordChars: usize = 0
/** u64 per n-gram: its hash, or that of its first bytes. */
export let gramHash: usize = 0
/** Lists of n-grams, u32 each: where they begin, what they are named by, and how many or how long they are. */
export let grams: usize = 0
export let names: usize = 0
export let counts: usize = 0
/** One byte per hash: seen, seen again. */
export let seen: usize = 0
export let table: usize = 0
/** Slots of `table`. */
export let reserved: usize = 0

function align(address: usize): usize {
  return (address + 63) & ~(<usize>63)
}

/** Reserves memory for documents of up to `bytes` bytes. Call once. */
export function layOut(bytes: u32): void {
  capacity = bytes
  const elements: usize = (<usize>bytes >> 1) + 2
  let at = align(__heap_base)
  classes = at
  at += CLASSED_CODE_POINTS
  metrics = at
  at = align(at + 64 * 8)
  stopTable = at
  at = align(at + STOP_SLOTS * 16)
  text = at
  at = align(at + bytes + PADDING)
  joined = at
  at = align(at + bytes + PADDING)
  wordHash = at
  at = align(at + elements * 8)
  gramHash = at
  at = align(at + elements * 8)
  wordStart = at
  at = align(at + (elements + 1) * 4)
  wordChars = at
  at = align(at + (elements + 1) * 4)
  grams = at
  at = align(at + elements * 4)
  names = at
  at = align(at + elements * 4)
  counts = at
  at = align(at + elements * 4)
  seen = at
  at = align(at + MAX_SEEN)
  table = at
  reserved = tableSlots(<u32>elements)
  at += reserved * 16
  const pages = <i32>((at + 0xffff) >> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) abort('out of memory')
}

/** Slots of a table for `elements` keys: a power of two, at most three quarters full. */
function tableSlots(elements: u32): usize {
  let slots: usize = 64
  while (slots * 3 < <usize>elements * 4) slots <<= 1
  return slots
}
