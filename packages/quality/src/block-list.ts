/**
 * One block list as text. `words` lists hold words for URLs, one a line; of any other list each line is what it looks
 * like, so that plain lists, hosts files and the files of a UT1 category (`domains`, `urls`) all read alike:
 *
 *     example.com            the domain with all its hosts (so do *.example.com and .example.com)
 *     0.0.0.0 example.com    the same, from a hosts file; several names may follow the address
 *     example.com/path       this URL, with or without its scheme
 *     # …                    a comment, also at the end of a line
 */
export interface BlockList {
  /** Named in details of verdicts. */
  readonly name: string
  readonly text: string
  /** `words`: one is enough; `softWords`: two different ones are; `subwords`: also inside other words. */
  readonly kind?: 'sites' | 'words' | 'softWords' | 'subwords'
}

/** Block lists read into sets, each entry with the name of its list. */
export interface BlockedSites {
  readonly hosts: ReadonlyMap<string, string>
  readonly urls: ReadonlyMap<string, string>
  readonly words: ReadonlyMap<string, string>
  readonly softWords: ReadonlyMap<string, string>
  readonly subwords: ReadonlyMap<string, string>
}

/** Hosts-file names that block nothing. */
const LOCAL = new Set(['localhost', 'localhost.localdomain', 'local', 'broadcasthost', '0.0.0.0'])
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)$/i

/** Reads lists in any of the forms above. Lines that are none of them are passed over. */
export function readBlockLists(lists: readonly BlockList[]): BlockedSites {
  const sites = {
    hosts: new Map<string, string>(),
    urls: new Map<string, string>(),
    words: new Map<string, string>(),
    softWords: new Map<string, string>(),
    subwords: new Map<string, string>(),
  }
  for (const { name, text, kind = 'sites' } of lists) {
    const add = (set: Map<string, string>, entry: string): void => {
      if (entry !== '' && !set.has(entry)) set.set(entry, name)
    }
    for (const raw of text.split(/\r\n?|\n/)) {
      const line = raw.replace(/(^|\s)#.*$/, '').trim()
      if (line === '') continue
      if (kind !== 'sites') add(sites[kind], line.toLowerCase().replace(/[^a-z0-9]+/g, ''))
      else readSiteLine(line, sites, add)
    }
  }
  return sites
}

function readSiteLine(
  line: string,
  sites: { hosts: Map<string, string>; urls: Map<string, string> },
  add: (set: Map<string, string>, entry: string) => void,
): void {
  const [first = '', ...names] = line.split(/\s+/)
  if (names.length > 0) {
    if (!ADDRESS.test(first)) return
    for (const name of names) if (!LOCAL.has(name)) add(sites.hosts, normalHost(name))
    return
  }
  const url = normalUrl(first)
  if (url.includes('/')) add(sites.urls, url)
  else if (url.includes('.') || url.includes(':')) add(sites.hosts, normalHost(first))
}

/** A host in lower case without wildcard, dots at its ends, port and a leading `www.`. */
export function normalHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/^\*?\.+|\.+$/g, '')
    .replace(/\/.*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^www\.(?=.*\.)/, '')
}

/** A URL as it is compared: host normalised; no scheme, user, port, fragment or slash at the end. The path keeps its case. */
export function normalUrl(url: string): string {
  const bare = url
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/#.*$/s, '')
  const slash = bare.search(/[/?]/)
  const host = slash < 0 ? bare : bare.slice(0, slash)
  const path = slash < 0 ? '' : bare.slice(slash)
  return normalHost(host.replace(/^.*@/, '')) + path.replace(/\/+$/, '')
}
