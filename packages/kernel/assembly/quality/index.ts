// Measures of the Gopher and FineWeb rules on the UTF-8 bytes of one document at a time.
// The host has repaired the text to valid UTF-8 and filled the class table (src/quality.ts).
import { countCodePoints, skipSpace, trimEnd } from './characters'
import { duplicateChars, findCandidates } from './duplicate-ngrams'
import { classes, layOut, metrics, text } from './layout'
import * as lines from './lines'
import { addStopWord, clearStopWords } from './stop-words'
import { topLonger, topPairs } from './top-ngrams'
import * as words from './words'

export { addStopWord, clearStopWords }

/** Reserves memory for documents of up to `bytes` bytes. Called once per instance. */
export function start(bytes: u32): void {
  layOut(bytes)
}

export function classAddress(): usize {
  return classes
}

export function textAddress(): usize {
  return text
}

export function metricAddress(): usize {
  return metrics
}

function put(index: u32, value: f64): void {
  store<f64>(metrics + ((<usize>index) << 3), value)
}

function ratio(part: u64, whole: u32): f64 {
  return <f64>part / <f64>whole
}

/**
 * Measures the first `length` bytes at `textAddress` into the f64 array at `metricAddress`, in the order of
 * QUALITY_METRICS (src/quality.ts). Fractions of the document's length divide by `characters`, or by the text's own
 * code points when that is 0. Group bits of `groups`: 1 quality, 2 repetition, 4 FineWeb.
 */
export function measure(length: u32, characters: u32, groups: u32): void {
  const end = text + length
  if (characters == 0) characters = countCodePoints(text, end)
  words.readWords(length)
  put(0, characters)
  put(1, words.spokenWords)
  put(2, words.words)
  if (groups & 1) measureQuality(end)
  if (groups & 2) measureRepetition(end, characters)
  if (groups & 4) measureFineWeb(end, characters)
}

function measureQuality(end: usize): void {
  lines.readLines(text, end)
  put(3, ratio(words.spokenChars, words.spokenWords))
  put(4, ratio(words.hashes, words.words))
  put(5, ratio(words.ellipses, words.words))
  put(6, ratio(lines.bulletLines, lines.lines))
  put(7, ratio(lines.ellipsisLines, lines.lines))
  put(8, ratio(words.letterWords, words.words))
  put(9, words.stopWordsFound)
}

function measureRepetition(end: usize, characters: u32): void {
  const body = skipSpace(text, end)
  lines.countDuplicateParts(body, trimEnd(body, end), 2)
  put(10, ratio(lines.duplicateParts, lines.parts))
  put(11, ratio(lines.duplicateChars, characters))
  lines.countDuplicateParts(text, end, 1)
  put(12, ratio(lines.duplicateParts, lines.parts))
  put(13, ratio(lines.duplicateChars, characters))
  put(14, ratio(topPairs(), characters))
  put(15, ratio(topLonger(3), characters))
  put(16, ratio(topLonger(4), characters))
  findCandidates()
  for (let n: u32 = 5; n <= 10; n++) put(12 + n, ratio(duplicateChars(n), characters))
}

/** FineWeb's short line, in code points. */
const SHORT_LINE: u32 = 30

function measureFineWeb(end: usize, characters: u32): void {
  const feeds = lines.lineFeeds(text, end)
  lines.readFineWebLines(text, end, SHORT_LINE)
  put(23, ratio(lines.terminalLines, lines.filledLines))
  put(24, ratio(lines.shortLines, lines.filledLines))
  put(25, ratio(lines.duplicateChars, characters - feeds))
  put(26, ratio(feeds, words.words))
  put(27, lines.filledLines)
}
