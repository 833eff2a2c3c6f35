import { diffWordsWithSpace } from 'diff'
import pc from 'picocolors'
import { printable } from '../terminal/printable.js'

/** Characters of equal text shown around a change. */
const CONTEXT = 40
/** Texts longer than this are compared from their beginning only. */
const MOST_COMPARED = 20_000
const MOST_CHANGES = 20

/** The difference of two texts, removed words in [-…-] and added ones in {+…+}, equal stretches shortened. */
export function renderDifference(earlier: string, later: string): string {
  if (earlier === later) return 'The two texts are equal.'
  const changes = diffWordsWithSpace(
    printable(earlier.slice(0, MOST_COMPARED)),
    printable(later.slice(0, MOST_COMPARED)),
  )
  const out: string[] = []
  let shown = 0
  for (const { value, added, removed } of changes) {
    if (shown >= MOST_CHANGES) {
      out.push(pc.dim(' …'))
      break
    }
    if (removed) out.push(pc.red(`[-${value}-]`))
    else if (added) out.push(pc.green(`{+${value}+}`))
    else out.push(shorten(value))
    if (removed || added) shown++
  }
  const cut = Math.max(earlier.length, later.length) > MOST_COMPARED
  return out.join('') + (cut ? pc.dim(`\n(compared to character ${MOST_COMPARED})`) : '')
}

function shorten(text: string): string {
  if (text.length <= 2 * CONTEXT + 3) return text
  return `${text.slice(0, CONTEXT)}${pc.dim(' … ')}${text.slice(-CONTEXT)}`
}
