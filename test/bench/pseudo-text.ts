/**
 * Deterministic text with the statistics of English that matter to hashing and counting: words drawn by Zipf's law from
 * 20,000, the commonest ones real, sentences of 4 to 24 words, paragraphs, and a long tail of document lengths.
 */
export function pseudoTexts(bytes: number, seed = 1): string[] {
  const random = mulberry32(seed)
  const texts: string[] = []
  for (let total = 0; total < bytes; ) {
    const text = pseudoText(random, Math.min(5000, Math.ceil(60 * (random() + 0.02) ** -1.1)))
    texts.push(text)
    total += text.length + 1
  }
  return texts
}

/** One text of about `words` words. */
export function pseudoText(random: () => number, words: number): string {
  const paragraphs: string[] = []
  for (let left = words; left > 0; ) {
    const sentences: string[] = []
    for (let i = 1 + Math.floor(random() * 6); i > 0 && left > 0; i--) {
      const length = 4 + Math.floor(random() * 21)
      sentences.push(sentence(random, length))
      left -= length
    }
    paragraphs.push(sentences.join(' '))
  }
  return paragraphs.join('\n\n')
}

/** A page around the text, as a content management system makes them. */
export function pseudoPage(text: string, title: string): string {
  const items = ['Home', 'News', 'About us', 'Contact', 'Privacy policy']
  const links = items.map((item, i) => `<li class="menu-item"><a href="/p/${i}">${item}</a></li>`)
  const body = text.split('\n\n').map((paragraph) => `<p class="text">${paragraph}</p>`)
  return `<!DOCTYPE html><html lang="en"><head><title>${title}</title><meta charset="utf-8">
<script>window.settings={"a":[${'1,'.repeat(400)}0]}</script><style>${'.x{margin:0}'.repeat(200)}</style></head>
<body><nav><ul>${links.join('')}</ul></nav><main><article><h1>${title}</h1>${body.join('\n')}</article></main>
<aside><h3>Related</h3><ul>${links.join('')}</ul></aside><footer>© Example. All rights reserved.</footer></body></html>`
}

/** A small generator of numbers from 0 to 1 (Mulberry32): the same ones for the same seed everywhere. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const VOCABULARY = 20_000
const COMMON =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so what up said about than its into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years much where your way down should because long each just state people those too mr how little good world make very year still see own work men day get here old life both between being under three never know same last another while us might great go come since against right came take used himself few house use place during high without again home around small however found part'.split(
    ' ',
  )
const SYLLABLES = 'ba ce di fo gu la me ni po ru sa te vi wo xu ya ze br cl dr st tr pl gr'.split(
  ' ',
)

const vocabulary = Array.from({ length: VOCABULARY }, (_, rank) => COMMON[rank] ?? rareWord(rank))

function rareWord(rank: number): string {
  let word = ''
  for (let left = rank * 7 + 5; left > 0; left = Math.floor(left / SYLLABLES.length))
    word += SYLLABLES[left % SYLLABLES.length]
  return word + ['', 's', 'ing', 'ed', 'ion'][rank % 5]
}

function sentence(random: () => number, length: number): string {
  const words = Array.from({ length }, () => {
    // Inverse of Zipf's cumulative law (exponent 1): rank = V^u.
    const rank = Math.floor(VOCABULARY ** random()) - 1
    return vocabulary[rank] as string
  })
  const first = words[0] as string
  words[0] = first.charAt(0).toUpperCase() + first.slice(1)
  return `${words.join(' ')}${random() < 0.1 ? '?' : '.'}`
}
