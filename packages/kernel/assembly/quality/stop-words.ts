// The stop words of the language being measured, and which of them the document has used.
import { STOP_SLOTS, stopTable } from './layout'
import { hashBytes } from './table'

/** Different stop words found in the document. */
export let stopWordsFound: u32 = 0
let longest: u32 = 0
let stopWords: u32 = 0
let document: u32 = 0

/** Forgets all stop words. */
export function clearStopWords(): void {
  memory.fill(stopTable, 0, STOP_SLOTS * 16)
  longest = 0
  stopWords = 0
  document = 0
}

/** Adds the word at `at`. The table takes at most half its slots; the host keeps lists below that. */
export function addStopWord(at: usize, length: u32): void {
  const hash = hashBytes(at, length) | 1
  longest = max(longest, length)
  let slot = <u32>(hash >> 20) & (STOP_SLOTS - 1)
  while (true) {
    const entry = stopTable + ((<usize>slot) << 4)
    const stored = load<u64>(entry)
    if (stored == hash) return
    if (stored == 0) {
      store<u64>(entry, hash)
      stopWords++
      return
    }
    slot = (slot + 1) & (STOP_SLOTS - 1)
  }
}

export function startStopWords(): void {
  stopWordsFound = 0
  document++
}

/** False once the document has used all of them. */
export function stopWordsMissing(): bool {
  return stopWordsFound < stopWords
}

/** Counts a word once per document if it is a stop word. Entry: u64 hash (never 0), u32 document that used it last. */
export function tryStopWord(wordHash: u64, length: u32): void {
  if (length > longest) return
  const hash = wordHash | 1
  let slot = <u32>(hash >> 20) & (STOP_SLOTS - 1)
  while (true) {
    const entry = stopTable + ((<usize>slot) << 4)
    const stored = load<u64>(entry)
    if (stored == 0) return
    if (stored == hash) {
      if (load<u32>(entry, 8) == document) return
      store<u32>(entry, document, 8)
      stopWordsFound++
      return
    }
    slot = (slot + 1) & (STOP_SLOTS - 1)
  }
}
