import { WordTable } from './word-table.js'

/**
 * Element names as small numbers, so that a page is flat arrays of integers.
 *
 * 0 is a run of text. Names that HTML does not know (custom elements) get numbers from
 * `FIRST_UNKNOWN_TAG` on, page by page.
 */
const NAMES =
  'html head body title meta link base script style noscript template svg math iframe object ' +
  'embed canvas video audio map select option optgroup datalist button textarea input img br hr ' +
  'wbr area col param source track a abbr b bdi bdo cite code data del dfn em font i ins kbd ' +
  'label mark q ruby rt rp rb s samp small span strike strong sub sup time tt u var big nobr ' +
  'div p section article main header footer nav aside h1 h2 h3 h4 h5 h6 hgroup ul ol li dl dt ' +
  'dd menu dir table caption colgroup thead tbody tfoot tr td th pre listing xmp plaintext ' +
  'blockquote figure figcaption form fieldset legend address details summary dialog center ' +
  'search picture output progress meter slot portal noframes frameset frame applet marquee'

const names = NAMES.split(' ')

export const TEXT = 0
export const FIRST_UNKNOWN_TAG = names.length + 1

/** Distinct names per page that HTML does not know; later ones share a number. */
export const MAX_UNKNOWN_TAGS = 4096

/** Tables over all tag numbers are this long, so that no look-up is out of bounds. */
export const TAG_NUMBERS = FIRST_UNKNOWN_TAG + MAX_UNKNOWN_TAGS + 1

/** The names that HTML knows, in the order of their numbers. */
export const TAG_NAMES = new WordTable(names)

/** Number of a name that this package itself spells; a typing error fails at load. */
function tag(name: string): number {
  const id = TAG_NAMES.find(name, 0, name.length)
  if (id === 0) throw new TypeError(`no such element: ${name}`)
  return id
}

/** A table over tag numbers: 1 for the listed names, 0 for all others. */
function tagSet(list: string): Uint8Array {
  const set = new Uint8Array(TAG_NUMBERS)
  for (const name of list.split(' ')) set[tag(name)] = 1
  return set
}

export const Tag = {
  html: tag('html'),
  body: tag('body'),
  title: tag('title'),
  meta: tag('meta'),
  script: tag('script'),
  noscript: tag('noscript'),
  svg: tag('svg'),
  math: tag('math'),
  a: tag('a'),
  br: tag('br'),
  button: tag('button'),
  code: tag('code'),
  dialog: tag('dialog'),
  dd: tag('dd'),
  details: tag('details'),
  div: tag('div'),
  figure: tag('figure'),
  figcaption: tag('figcaption'),
  form: tag('form'),
  h1: tag('h1'),
  header: tag('header'),
  footer: tag('footer'),
  nav: tag('nav'),
  aside: tag('aside'),
  main: tag('main'),
  article: tag('article'),
  section: tag('section'),
  ul: tag('ul'),
  ol: tag('ol'),
  li: tag('li'),
  p: tag('p'),
  blockquote: tag('blockquote'),
  table: tag('table'),
  tr: tag('tr'),
  td: tag('td'),
  th: tag('th'),
  label: tag('label'),
} as const

/** Elements without an end tag. */
export const VOID = tagSet(
  'meta link base embed input img br hr wbr area col param source track frame',
)

/** Elements whose text no reader sees as text of the page. */
export const UNREAD = tagSet(
  'head title script style template svg iframe object embed canvas video audio map select option ' +
    'optgroup datalist textarea input progress meter noframes applet rp portal',
)

/** Elements that start and end a line. Unknown elements count as inline unless they hold blocks. */
export const BLOCK = tagSet(
  'html body div p section article main header footer nav aside h1 h2 h3 h4 h5 h6 hgroup ul ol ' +
    'li dl dt dd menu dir table caption colgroup thead tbody tfoot tr td th pre listing xmp ' +
    'plaintext blockquote figure figcaption form fieldset legend address details summary dialog ' +
    'center search hr noscript frameset marquee',
)

/** Blocks set apart by an empty line. */
export const PARAGRAPH = tagSet(
  'p h1 h2 h3 h4 h5 h6 ul ol dl table pre listing xmp plaintext blockquote figure section article ' +
    'header footer aside main details fieldset hr hgroup',
)

export const HEADING = tagSet('h1 h2 h3 h4 h5 h6')
export const PREFORMATTED = tagSet('pre listing xmp plaintext')
export const LIST = tagSet('ul ol menu dir')

/** Formatting elements: an end tag of theirs never closes a block. */
export const FORMATTING = tagSet(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q ruby rt rp rb s samp ' +
    'small span strike strong sub sup time tt u var big nobr button output slot picture',
)

/** A start tag of the key ends an open element of the set, when that is the innermost block. */
const impliedEnds: readonly (readonly [string, string])[] = [
  [
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure ' +
      'footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre listing section table ul search',
    'p',
  ],
  ['li', 'li p'],
  ['dt dd', 'dt dd p'],
  ['option optgroup', 'option'],
  ['tr', 'tr td th caption colgroup p'],
  ['td th', 'td th p'],
  ['thead tbody tfoot', 'thead tbody tfoot tr td th caption colgroup p'],
  ['rt rp rb', 'rt rp rb'],
  ['body', 'head'],
]

export const IMPLIED_END: readonly (Uint8Array | undefined)[] = (() => {
  const table: (Uint8Array | undefined)[] = new Array(TAG_NUMBERS).fill(undefined)
  for (const [openers, ended] of impliedEnds)
    for (const opener of openers.split(' ')) table[tag(opener)] = tagSet(ended)
  return table
})()

/** The search for an element to end stops here: a cell's content cannot end what is outside of the table. */
export const SCOPE = tagSet('table td th caption template object applet html')

/** Implied ends look no further out than these, so that a list in an item does not end the item. */
export const IMPLIED_STOP = tagSet(
  'ul ol menu dir dl table div section article main header footer nav aside blockquote td th ' +
    'fieldset form figure details dialog body html template object button li dd dt tr select',
)

/** Elements whose content is text up to their own end tag, whatever it looks like. */
export const RAW_TEXT: readonly (string | undefined)[] = (() => {
  const table: (string | undefined)[] = new Array(TAG_NUMBERS).fill(undefined)
  for (const name of 'script style title textarea xmp iframe noframes plaintext'.split(' '))
    table[tag(name)] = name
  return table
})()
