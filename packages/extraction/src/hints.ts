import { Shapes, WordTable } from './word-table.js'

/**
 * What the words in an element's class, id, role, itemprop and itemtype say about its content.
 * The words are those that sites of every sort share; none is a site's own.
 */
const GROUPS = {
  navigation:
    'nav navs navbar navigation menu menus submenu megamenu topnav sitenav subnav breadcrumb breadcrumbs crumbs toolbar sitemap role=navigation role=menu role=menubar role=toolbar itemprop=breadcrumb',
  footer: 'footer foot colophon copyright legal disclaimer imprint role=contentinfo',
  header: 'header masthead banner topbar top hero branding logo role=banner',
  share:
    'share sharing shares sharebar sharer addtoany addthis sharedaddy social socials follow likes like reactions',
  overlay:
    'cookie cookies consent gdpr onetrust popup popups modal lightbox overlay offcanvas toast snackbar notification notice alert tooltip role=dialog role=alertdialog role=tooltip role=alert',
  signup:
    'newsletter newsletters subscribe subscription subscriber signup optin login signin register registration paywall form search searchbox searchform input role=search',
  advert:
    'ad ads adv advert adverts advertisement advertising adsense adslot adunit dfp gpt sponsor sponsored sponsors outbrain taboola promo promos promotion promotional affiliate',
  side: 'sidebar sidebars side aside rail widget widgets column2 secondary role=complementary',
  related:
    'related recommended recommendation recommendations recommend recirc recirculation similar popular trending mostread latest recent readmore readnext upnext previous adjacent suggested upsell crosssell',
  comments:
    'comment comments commentlist commenting respond reply replies disqus livefyre discussion itemprop=comment itemprop=commenttext',
  author: 'author authors byline bio contributor writer itemprop=author',
  meta: 'meta metadata date dateline timestamp time published updated posted tag tags taglist category categories keywords topics views readtime itemprop=datepublished itemprop=datemodified',
  picture:
    'caption captions credit credits figcaption photo image images img gallery media video carousel slider slide slideshow thumbnail thumb',
  body: 'articlebody postbody entrycontent postcontent articlecontent storybody storycontent bodytext bodycopy articletext richtext prose markdown rte wysiwyg itemprop=articlebody',
  main: 'main maincontent content contents primary container wrapper page role=main role=article',
  article: 'article story news blog single entry type article',
  post: 'post posts topic thread message messages answer answers question questions itemprop=text',
  product:
    'product products price prices sku offer offers variant quantity specification specifications specs spec attributes itemprop=offers itemprop=sku itemprop=price',
  details:
    'description details detail desc features feature overview about info information itemprop=description',
  review:
    'review reviews rating ratings star stars testimonial testimonials quote quotes blockquote itemprop=review',
  card: 'card cards item items tile tiles grid list listing listings feed results result teaser teasers row col collection',
  title:
    'title titles headline heading subtitle subheading h1 h2 h3 itemprop=headline itemprop=name',
  summary:
    'summary excerpt intro introduction lead lede deck standfirst subhead dek abstract teaser snippet',
  unfolds:
    'accordion collapse collapsible collapsed tab tabs tabpanel panel faq faqs expandable toggle role=tabpanel role=tab',
  shop: 'cart minicart basket wishlist checkout filter filters facet facets sort sorting pagination pager paging paginator compare shipping delivery stock swatch',
  action: 'button buttons btn cta link links action actions role=button',
  user: 'user users username profile avatar member signature sig rank stats badge badges poster postprofile',
  contents: 'toc tableofcontents outline anchor jump role=doc-toc',
  skip: 'skip skiplink noprint printfooter editsection print edit hide hidden noscript',
  section: 'section block module component region area inner text copy paragraph',
} as const

export type HintGroup = keyof typeof GROUPS

export const HINT_GROUPS = Object.keys(GROUPS) as HintGroup[]

/** The bit of each group; there are at most 31, so that a set is one small integer. */
export const Hint = Object.fromEntries(
  HINT_GROUPS.map((name, index) => [name, 1 << index]),
) as Record<HintGroup, number>

const bitsOfWord = new Map<string, number>()
for (const name of HINT_GROUPS)
  for (const word of GROUPS[name].split(' '))
    bitsOfWord.set(word, (bitsOfWord.get(word) ?? 0) | Hint[name])

/** Pairs of words that mean more than each alone, such as `entry-content`. */
const FIRST_WORDS = 'article post entry story blog news single page rich main'.split(' ')
const SECOND_WORDS = 'body content text'.split(' ')

const words = new WordTable([...bitsOfWord.keys(), ...FIRST_WORDS, ...SECOND_WORDS])
/** By number of the word; 0 is no word. */
const wordBits = words.list.map((word) => bitsOfWord.get(word) ?? 0)
const isFirst = words.list.map((word) => FIRST_WORDS.includes(word))
const isSecond = words.list.map((word) => SECOND_WORDS.includes(word))

/** Whole class names that take an element out of sight. */
const UNSEEN = new Set(
  (
    'sr-only sr_only visually-hidden visuallyhidden visuallyHidden screen-reader screen-reader-text ' +
    'screen-reader-only screenreader screenReader element-invisible assistive-text u-hidden-visually ' +
    'hidden is-hidden invisible d-none hide mw-jump-link print-only'
  ).split(' '),
)
const unseenShapes = new Shapes(UNSEEN)
/** Class names of these forms show it again on some screens. */
const SEEN_AGAIN =
  /(?:sm|md|lg|xl|desktop|mobile|tablet|print):|\bd-(?:sm|md|lg|xl|print)-|-(?:sm|md|lg|xl)(?:\s|$)/

/** What the hints of a page say, by their index. */
export interface HintMeanings {
  /** The union of the `Hint` bits that a hint shows. */
  readonly bits: Int32Array
  /** 1: the classes say that the element is not shown to readers. */
  readonly unseen: Uint8Array
}

/** Reads hints where they stand in `text`, which holds them all, parted by one character. */
export function readHints(hints: readonly string[], text: string): HintMeanings {
  const bits = new Int32Array(hints.length)
  const unseen = new Uint8Array(hints.length)
  let from = 0
  for (let index = 0; index < hints.length; index++) {
    const hint = hints[index] as string
    const to = from + hint.length
    bits[index] = classify(text, from, to)
    if (holdsUnseen(text, from, to) && !SEEN_AGAIN.test(hint)) unseen[index] = 1
    from = to + 1
  }
  return { bits, unseen }
}

const SPACE = 32
const OTHER = 0
const SMALL = 1
const CAPITAL = 2
const FIGURE = 3
const BLANK = 4
const UTILITY = 5

const sorts = new Uint8Array(128)
sorts.fill(BLANK, 0, SPACE + 1)
for (let code = 97; code <= 122; code++) {
  sorts[code] = SMALL
  sorts[code - 32] = CAPITAL
}
for (const mark of '0123456789=') sorts[mark.charCodeAt(0)] = FIGURE
for (const mark of ':[') sorts[mark.charCodeAt(0)] = UTILITY

/**
 * The bits that one hint shows.
 *
 * A word is a run of letters and digits up to a capital that follows a small letter. Utility classes
 * (`md:hidden`, `w-[12px]`) say how a thing looks and not what it is, and schema addresses are read
 * elsewhere: names with a colon or bracket are passed over.
 */
function classify(text: string, start: number, end: number): number {
  let bits = 0
  let bitsBefore = 0
  let utility = false
  let afterFirst = false
  let from = -1
  let before = OTHER
  for (let at = start; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : SPACE
    const sort = code < 128 ? (sorts[code] as number) : OTHER
    const inWord = sort >= SMALL && sort <= FIGURE
    if (from >= 0 && (!inWord || (sort === CAPITAL && before === SMALL))) {
      const word = words.find(text, from, at)
      bits |= wordBits[word] as number
      if (afterFirst && isSecond[word]) bits |= Hint.body
      afterFirst = isFirst[word] as boolean
      from = -1
    }
    before = sort
    if (inWord) {
      if (from < 0) from = at
    } else if (sort === BLANK) {
      if (utility) bits = bitsBefore
      bitsBefore = bits
      utility = false
    } else if (sort === UTILITY) utility = true
  }
  return bits
}

function holdsUnseen(text: string, start: number, end: number): boolean {
  let from = start
  while (from < end) {
    let to = from
    while (to < end && text.charCodeAt(to) !== SPACE) to++
    if (unseenShapes.has(text.charCodeAt(from), to - from) && UNSEEN.has(text.slice(from, to)))
      return true
    from = to + 1
  }
  return false
}
