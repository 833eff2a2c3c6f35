import { type Attributes, AttributesBuilder, type Utf8Column, valueString } from '@winnow/core'
import { type BlockList, normalUrl, readBlockLists } from './block-list.js'

/** A rule that a URL breaks, and what says so. */
export interface UrlVerdict {
  readonly reason: string
  readonly detail: string
}

export interface UrlRules {
  /** The first rule that the URL breaks. */
  match(url: string): UrlVerdict | undefined
  /** Verdicts for a column of URLs, before any page is read. */
  urlVerdicts(urls: Utf8Column): Attributes
}

/** Characters of a URL that are looked at; browsers and servers take hardly more. */
const MAX_URL = 4096

/** Words in URLs that mark adult and gambling sites whatever else stands there, and words of which it takes two. */
const BUILT_IN: readonly BlockList[] = [
  {
    name: 'built-in',
    kind: 'words',
    text: 'porn\nporno\npornhub\nxxx\nxvideos\nxnxx\nhentai\ncamgirl\ncamgirls\nsexcam\nsexcams\nmilf\nblowjob\ngangbang',
  },
  {
    name: 'built-in',
    kind: 'softWords',
    text: 'sex\nsexy\nnude\nnudes\nnaked\nescort\nescorts\nfetish\nerotic\nerotica\nwebcam\ncasino\nslots\npoker\nbetting\njackpot\nviagra\ncialis',
  },
]

/**
 * URL rules from block lists, tried in datatrove's order: domain, subdomain, exact URL, word, two soft words, subword.
 * A listed domain covers all its hosts. Words are the runs of letters and digits of the URL, in lower case.
 */
export function urlRules(
  blockLists: readonly BlockList[] = [],
  options: { builtIn?: boolean } = {},
): UrlRules {
  const builtIn = options.builtIn ?? true
  const blocked = readBlockLists(builtIn ? [...blockLists, ...BUILT_IN] : blockLists)
  const subwords = [...blocked.subwords]

  const match = (whole: string): UrlVerdict | undefined => {
    if (whole === '') return undefined
    const url = whole.slice(0, MAX_URL)
    const normal = normalUrl(url)
    const host = normal.replace(/[/?].*$/s, '')
    for (let at = 0; at >= 0; at = nextLabel(host, at)) {
      const name = host.slice(at)
      const list = blocked.hosts.get(name)
      if (list === undefined) continue
      const isHost = at === 0 && name.split('.').length > 2
      return {
        reason: isHost ? 'content.blocked_subdomain' : 'content.blocked_domain',
        detail: `${name} in ${list}`,
      }
    }
    const list = blocked.urls.get(normal)
    if (list !== undefined) return { reason: 'content.blocked_url', detail: `${normal} in ${list}` }
    return matchWords(url.toLowerCase())
  }

  const matchWords = (url: string): UrlVerdict | undefined => {
    const soft = new Set<string>()
    const words = url.split(/[^a-z0-9]+/)
    for (const word of words) {
      const list = blocked.words.get(word)
      if (list !== undefined)
        return { reason: 'content.blocked_word', detail: `${word} in ${list}` }
      if (blocked.softWords.has(word)) soft.add(word)
    }
    if (soft.size >= 2)
      return { reason: 'content.blocked_soft_words', detail: [...soft].join(', ') }
    if (subwords.length === 0) return undefined
    const joined = words.join('')
    const found = subwords.find(([word]) => joined.includes(word))
    return found === undefined
      ? undefined
      : { reason: 'content.blocked_word', detail: `${found[0]} in ${found[1]}` }
  }

  return {
    match,
    urlVerdicts(urls) {
      const rows = urls.offsets.length - 1
      const out = new AttributesBuilder(rows)
      for (let row = 0; row < rows; row++) {
        const verdict = match(valueString(urls, row))
        if (verdict !== undefined) out.drop(row, verdict.reason, verdict.detail)
      }
      return out.finish()
    },
  }
}

/** Start of the label after the one at `at`, or -1. */
function nextLabel(host: string, at: number): number {
  const dot = host.indexOf('.', at)
  return dot < 0 ? -1 : dot + 1
}
