import { type DeadLetter, TOPICS, type UnreadableLetter } from '@winnow/core'
import { deadLetterRecord, letterId, parseMessage } from '@winnow/core/messages'

export type Letter = DeadLetter | UnreadableLetter

/** The dead letters that nobody has fed again, from the records of their topic in order. */
export class OpenLetters {
  private readonly letters = new Map<string, Letter>()

  /** Takes the next record; returns what it opened or closed. Throws CorruptError when it is none. */
  apply(value: string): { readonly opened?: Letter; readonly closed?: Letter } {
    const record = parseMessage(deadLetterRecord, TOPICS.deadLetters, value)
    const id = 'letter' in record ? record.letter : letterId(record)
    const closed = this.letters.get(id)
    this.letters.delete(id)
    if ('letter' in record) return closed === undefined ? {} : { closed }
    // A letter that comes again stands where it came last.
    this.letters.set(id, record)
    return { opened: record }
  }

  /** The oldest first. */
  all(): Letter[] {
    return [...this.letters.values()]
  }
}

export function isUnreadable(letter: Letter): letter is UnreadableLetter {
  return 'topic' in letter
}
