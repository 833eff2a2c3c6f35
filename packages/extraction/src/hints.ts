/** What the words in an element's class, id, role, itemprop and itemtype say about its content. */
export const Hint = {
  /** Site furniture: navigation, footer, cookie and sign-up boxes, share bars, ads. */
  furniture: 1,
  /** Beside the content: related items, side bars, author boxes, tag lists. */
  beside: 2,
  /** Comments and replies. They are the content of a forum and no part of an article. */
  comments: 4,
  /** The body of an article by name. */
  body: 8,
  /** Main region by name or role. */
  main: 16,
  /** Seen by screen readers or printers only. */
  unseen: 32,
  /** One post or message of many. */
  post: 64,
  /** Schema.org product or its parts. */
  product: 128,
  /** Byline, date line and the like at the head of an article. */
  byline: 256,
  /** Caption or credit of a picture. */
  caption: 512,
  /** Tabs, accordions and the like: hidden until clicked, but content. */
  unfolds: 1024,
} as const

const FURNITURE =
  /(?:^| )(?:nav|navs|navbar|navigation|navigations|menu|menus|submenu|megamenu|topnav|sitenav|subnav|footer|foot|colophon|masthead|breadcrumb|breadcrumbs|crumbs|share|sharing|shares|sharebar|sharer|addtoany|addthis|sharedaddy|social|socials|socialmedia|cookie|cookies|consent|gdpr|onetrust|newsletter|newsletters|subscribe|subscription|subscribes|signup|optin|login|signin|register|paywall|ad|ads|adv|advert|adverts|advertisement|advertising|adsense|adslot|adunit|dfp|gpt|sponsor|sponsored|sponsors|outbrain|taboola|popup|popups|modal|lightbox|overlay|offcanvas|toolbar|pagination|pager|paging|paginator|skiplink|skip|searchbox|searchform|searchbar|minicart|cart|wishlist|toast|snackbar|alertbar|topbar|bottombar|printfooter|editsection|noprint|role=navigation|role=banner|role=contentinfo|role=search|role=menu|role=menubar|role=dialog|role=alertdialog|role=toolbar|role=tooltip|itemprop=breadcrumb)(?= |$)/

const BESIDE =
  /(?:^| )(?:sidebar|sidebars|side|aside|rail|related|recommended|recommendation|recommendations|recommend|recirc|recirculation|similar|popular|trending|mostread|mostpopular|latest|widget|widgets|promo|promos|promotion|promotional|teaser|teasers|tags|taglist|tagcloud|keywords|author|authors|authorbox|bio|cta|calltoaction|follow|readmore|readnext|upnext|next|previous|prev|adjacent|copyright|disclaimer|disclosure|legal|toc|tableofcontents|jump|filters|filter|facets|facet|sorting|rating|ratings|donate|donation|feedback|survey|poll|vote|votes|emoji|reactions|likes|like|role=complementary|role=doc-toc)(?= |$)/

const COMMENTS =
  /(?:^| )(?:comment|comments|commentlist|commenting|respond|replies|reply|disqus|livefyre|discussion|itemprop=comment|itemprop=commenttext)(?= |$)/

const BODY =
  /(?:^| )(?:articlebody|postbody|entrycontent|postcontent|articlecontent|storybody|storycontent|bodytext|bodycopy|articletext|itemprop=articlebody|article body|article content|article text|entry content|post content|post body|story body|story content|body content|blog content|page content|content body|rich text|markdown body|single content|news content|news body)(?= |$)/

const MAIN = /(?:^| )(?:role=main|main|maincontent|content|primary|contents|role=article)(?= |$)/

const UNSEEN =
  /(?:^| )(?:sr only|visually hidden|visuallyhidden|screen reader(?: text)?|screenreader|srt|a11y hidden|u hidden visually|assistive text|hidden|is hidden|invisible|d none|display none|print only|noscript|mw jump link|hide)(?= |$)/

const POST =
  /(?:^| )(?:post|posts|topic|thread|message|messages|postbody|answer|answers|question|reply|itemprop=text|comment)(?= |$)/

const PRODUCT = /schema org product|itemprop=(?:offers|sku|brand|price)(?= |$)/

const BYLINE =
  /(?:^| )(?:byline|dateline|timestamp|pubdate|publishdate|published|postmeta|entrymeta|meta|metadata|postdate|entry date|post date|article date|readtime|reading time|read time|posted on|post info|article info|itemprop=author|itemprop=datepublished|itemprop=datemodified)(?= |$)/

const CAPTION =
  /(?:^| )(?:caption|captions|credit|credits|figcaption|wp caption|photocredit|imagecaption|gallery caption|image credit)(?= |$)/

const UNFOLDS = /(?:^| )(?:accordion|collapse|collapsible|tab|tabs|tabpanel|panel|role=tabpanel|faq)(?= |$)/

const tests: readonly (readonly [number, RegExp])[] = [
  [Hint.furniture, FURNITURE],
  [Hint.beside, BESIDE],
  [Hint.comments, COMMENTS],
  [Hint.body, BODY],
  [Hint.main, MAIN],
  [Hint.unseen, UNSEEN],
  [Hint.post, POST],
  [Hint.product, PRODUCT],
  [Hint.byline, BYLINE],
  [Hint.caption, CAPTION],
  [Hint.unfolds, UNFOLDS],
]

/** `articleBody post__meta-info` -> `article body post meta info`. */
export function hintWords(hint: string): string {
  return hint
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9=]+/g, ' ')
    .toLowerCase()
    .trim()
}

/** The union of the `Hint` bits that a hint string shows. */
export function classifyHint(hint: string): number {
  if (hint === '') return 0
  const words = hintWords(hint)
  let bits = 0
  for (const [bit, pattern] of tests) if (pattern.test(words)) bits |= bit
  return bits
}
