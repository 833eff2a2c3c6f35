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
const FIRST_WORDS = new Set('article post entry story blog news single page rich main'.split(' '))
const SECOND_WORDS = new Set('body content text'.split(' '))

/** By first letter, the lengths that known words have, as bits: most words of a page are passed over by it. */
const lengthsByLetter = new Int32Array(128)
for (const word of [...bitsOfWord.keys(), ...FIRST_WORDS, ...SECOND_WORDS]) {
  const first = word.charCodeAt(0)
  lengthsByLetter[first] = (lengthsByLetter[first] as number) | (1 << Math.min(31, word.length))
}

/**
 * The union of the bits that a hint string shows.
 *
 * A word is a run of letters and digits up to a capital that follows a small letter. Utility classes
 * (`md:hidden`, `w-[12px]`) say how a thing looks and not what it is, and schema addresses are read
 * elsewhere: names with a colon or bracket are passed over.
 */
export function classifyHint(hint: string): number {
  const length = hint.length
  let bits = 0
  let bitsBefore = 0
  let utility = false
  let last = ''
  let from = -1
  let small = false
  for (let at = 0; at <= length; at++) {
    const code = at < length ? hint.charCodeAt(at) : SPACE
    const lower = code >= 97 && code <= 122
    const upper = code >= 65 && code <= 90
    const inWord = lower || upper || code === EQUALS || (code >= 48 && code <= 57)
    if (from >= 0 && (!inWord || (upper && small))) {
      const lengths = lengthsByLetter[hint.charCodeAt(from) | 32] as number
      if ((lengths >> Math.min(31, at - from)) & 1) {
        const word = hint.slice(from, at).toLowerCase()
        bits |= bitsOfWord.get(word) ?? 0
        if (SECOND_WORDS.has(word) && FIRST_WORDS.has(last)) bits |= Hint.body
        last = word
      } else last = ''
      from = -1
    }
    if (inWord) {
      if (from < 0) from = at
      small = lower
    } else if (code <= SPACE) {
      if (utility) bits = bitsBefore
      bitsBefore = bits
      utility = false
    } else if (code === COLON || code === BRACKET) utility = true
  }
  return bits
}

const SPACE = 32
const COLON = 58
const BRACKET = 91
const EQUALS = 61

/** Whole class names that take an element out of sight. */
const UNSEEN = new Set(
  (
    'sr-only sr_only visually-hidden visuallyhidden visuallyHidden screen-reader screen-reader-text ' +
    'screen-reader-only screenreader screenReader element-invisible assistive-text u-hidden-visually ' +
    'hidden is-hidden invisible d-none hide mw-jump-link print-only'
  ).split(' '),
)
/** Stands in every name of `UNSEEN`; most hints end here. */
const MAYBE_UNSEEN = /hidden|hide|sr[-_]o|screen|invisible|d-none|assist|jump|print-/i
/** Class names of these forms show it again on some screens. */
const SEEN_AGAIN =
  /(?:sm|md|lg|xl|desktop|mobile|tablet|print):|\bd-(?:sm|md|lg|xl|print)-|-(?:sm|md|lg|xl)(?:\s|$)/

/** Whether the classes say that the element is not shown to readers. */
export function isUnseen(hint: string): boolean {
  return (
    MAYBE_UNSEEN.test(hint) &&
    hint.split(' ').some((name) => UNSEEN.has(name)) &&
    !SEEN_AGAIN.test(hint)
  )
}
