/** Languages written without spaces between words. */
const WITHOUT_SPACES = new Set(['zh', 'ja', 'th', 'lo', 'km', 'my'])

/** Languages whose words are mostly one or two characters, where a least mean word length says nothing. */
const SHORT_WORDS = new Set(['zh', 'ja'])

export function isSegmented(language: string): boolean {
  return WITHOUT_SPACES.has(language)
}

export function hasShortWords(language: string): boolean {
  return SHORT_WORDS.has(language)
}

/** The segmenter takes long strings badly; text is handed to it in pieces that end at a line break where there is one. */
const PIECE = 8192

const segmenters = new Map<string, Intl.Segmenter>()

function segmenterFor(language: string): Intl.Segmenter {
  let segmenter = segmenters.get(language)
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(language, { granularity: 'word' })
    segmenters.set(language, segmenter)
  }
  return segmenter
}

/** `text` with a space between words that stand side by side, and between a word and punctuation. */
export function segmentWords(text: string, language: string): string {
  const segmenter = segmenterFor(language)
  let out = ''
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + PIECE)
    if (to < text.length) {
      const line = text.lastIndexOf('\n', to - 1) + 1
      if (line > from) to = line
      else if (/[\udc00-\udfff]/.test(text[to] as string)) to--
    }
    out += segmentPiece(text.slice(from, to), segmenter)
    from = to
  }
  return out
}

function segmentPiece(text: string, segmenter: Intl.Segmenter): string {
  let out = ''
  let afterWord = false
  let afterText = false
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const blank = segment.trim() === ''
    const word = isWordLike === true
    // Punctuation is not parted from punctuation, so that `...` stays an ellipsis.
    if (afterText && !blank && (word || afterWord)) out += ' '
    out += segment
    afterWord = word
    afterText = !blank
  }
  return out
}
