import { reasonOf, utf8Column } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { urlRules } from '../src/index.js'

const hosts = `# a hosts file
127.0.0.1 localhost
0.0.0.0 ads.example.com tracker.example.net # two names
::1 ip6.example.org`
const plain = `spam.example
*.wild.example
.dotted.example
https://www.shop.example/sale/
forum.example/topic?id=7
93.184.216.34`

describe('URL rules', () => {
  const rules = urlRules(
    [
      { name: 'hosts', text: hosts },
      { name: 'adult/domains', text: plain.replaceAll('\n', '\r\n') },
      { name: 'words', kind: 'words', text: 'badword\nBad-Thing' },
      { name: 'soft', kind: 'softWords', text: 'alpha\nbeta' },
      { name: 'sub', kind: 'subwords', text: 'warez' },
    ],
    { builtIn: false },
  )

  it.each([
    ['http://spam.example/x', 'content.blocked_domain'],
    ['https://WWW.Spam.Example:8080/', 'content.blocked_domain'],
    ['https://deep.sub.spam.example', 'content.blocked_domain'],
    ['https://a.wild.example/', 'content.blocked_domain'],
    ['https://dotted.example/', 'content.blocked_domain'],
    ['http://ads.example.com/banner', 'content.blocked_subdomain'],
    ['http://x.tracker.example.net/', 'content.blocked_domain'],
    ['http://ip6.example.org/', 'content.blocked_subdomain'],
    ['http://user:pw@spam.example/', 'content.blocked_domain'],
    ['http://shop.example/sale#top', 'content.blocked_url'],
    ['https://forum.example/topic?id=7', 'content.blocked_url'],
    ['http://93.184.216.34/', 'content.blocked_subdomain'],
    ['http://ok.example/a-BADWORD.html', 'content.blocked_word'],
    ['http://ok.example/badthing', 'content.blocked_word'],
    ['http://alpha.example/beta', 'content.blocked_soft_words'],
    ['http://ok.example/best-wa-rez', 'content.blocked_word'],
  ])('block %s', (url, reason) => {
    expect(rules.match(url)?.reason).toBe(reason)
  })

  it.each([
    '',
    'http://example.com/',
    'http://notspam.example.com/',
    'http://myspam.example2/',
    'http://localhost/',
    'http://shop.example/sale/shoes',
    'http://forum.example/topic?id=70',
    'http://ok.example/badwords',
    'http://alpha.example/alpha',
    'no url at all',
    '://',
  ])('pass %j', (url) => {
    expect(rules.match(url)).toBeUndefined()
  })

  it('judge a column before any page is read', () => {
    const attributes = rules.urlVerdicts(
      utf8Column(['http://spam.example/', '', 'http://example.com/']),
    )
    expect([...attributes.verdict]).toEqual([1, 0, 0])
    expect(reasonOf(attributes, 0)).toBe('content.blocked_domain')
    expect(attributes.detail[0]).toBe('spam.example in adult/domains')
  })

  it('have a built-in list that leaves towns and towers alone', () => {
    const builtIn = urlRules()
    for (const url of [
      'https://www.essex.ac.uk/',
      'https://en.wikipedia.org/wiki/Sex',
      'https://example.com/sussex',
    ])
      expect(builtIn.match(url)).toBeUndefined()
    expect(builtIn.match('https://example.com/free-xxx')?.reason).toBe('content.blocked_word')
  })
})
