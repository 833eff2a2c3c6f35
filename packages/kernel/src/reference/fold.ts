/**
 * What a code point is to the normalised text.
 *
 * - `separator` ends a word and is not kept.
 * - `letter` belongs to the word it stands in or begins one.
 * - `alone` is a word of its own: a code point of a script written without spaces.
 * - `mark` belongs to the word before it, whatever that is: a vowel sign of a script that needs it.
 */
export type FoldKind = 'separator' | 'letter' | 'alone' | 'mark'

export interface Folded {
  readonly kind: FoldKind
  readonly codePoint: number
}

const SPACELESS =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Yiii}\p{scx=Tale}\p{scx=Talu}\p{scx=Lana}\p{scx=Tavt}]/u

/** Marks without which the letters can be read: accents, and the vowel points of Hebrew, Arabic and Syriac. */
const ACCENT =
  /[\p{sc=Zinh}\p{sc=Zyyy}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}]/u

/** The kana voicing marks are Inherited like accents, but tell ga from ka. */
const VOICING = new Set([0x3099, 0x309a])
const ZERO_WIDTH_SPACE = 0x200b
const FIRST_SPACELESS = 0x0e00

const known = new Map<number, readonly Folded[]>()

/** The normal form of one code point: case folded, NFKD, accents and invisible format characters left out. */
export function foldCodePoint(codePoint: number): readonly Folded[] {
  let folded = known.get(codePoint)
  if (folded === undefined) {
    folded = computeFold(codePoint)
    known.set(codePoint, folded)
  }
  return folded
}

function computeFold(codePoint: number): Folded[] {
  const out: Folded[] = []
  for (const character of foldCase(foldCase(String.fromCodePoint(codePoint)))) {
    const kind = kindOf(character)
    if (kind !== 'nothing') out.push({ kind, codePoint: character.codePointAt(0) as number })
  }
  return out
}

function foldCase(text: string): string {
  return text.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD')
}

function kindOf(character: string): FoldKind | 'nothing' {
  const codePoint = character.codePointAt(0) as number
  if (codePoint === ZERO_WIDTH_SPACE) return 'separator'
  if (/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(character)) return 'nothing'
  if (VOICING.has(codePoint)) return 'mark'
  if (/\p{M}/u.test(character)) return ACCENT.test(character) ? 'nothing' : 'mark'
  if (!/[\p{L}\p{N}]/u.test(character)) return 'separator'
  const alone =
    codePoint >= FIRST_SPACELESS && /[\p{L}\p{Nl}]/u.test(character) && SPACELESS.test(character)
  return alone ? 'alone' : 'letter'
}
