import { describe, expect, test } from 'vitest'
import { canonicalUrl } from '../src/url.js'

const CASES: readonly (readonly [title: string, url: string, canonical: string])[] = [
  ['scheme', 'http://example.com/a', 'example.com/a'],
  ['scheme', 'https://example.com/a', 'example.com/a'],
  ['no scheme but slashes', '//example.com/a', 'example.com/a'],
  ['case of scheme and host', 'HTTPS://Example.COM/a', 'example.com/a'],
  ['case of the path stays', 'https://example.com/A', 'example.com/A'],
  ['Unicode host', 'https://bücher.example/', 'xn--bcher-kva.example'],
  ['punycode host', 'https://xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['final dot of the host', 'https://example.com./a', 'example.com/a'],
  ['www stays', 'https://www.example.com/a', 'www.example.com/a'],
  ['user and password', 'https://me:secret@example.com/a', 'example.com/a'],
  ['default port', 'http://example.com:80/a', 'example.com/a'],
  ['default port of the other scheme', 'http://example.com:443/a', 'example.com/a'],
  ['other port', 'http://example.com:8080/a', 'example.com:8080/a'],
  ['fragment', 'https://example.com/a#part', 'example.com/a'],
  ['routing fragment stays', 'https://example.com/#!/a', 'example.com#!/a'],
  ['slash at the end', 'https://example.com/a/', 'example.com/a'],
  ['slashes at the end', 'https://example.com/a//', 'example.com/a'],
  ['root', 'https://example.com/', 'example.com'],
  ['dot segments', 'https://example.com/a/../b/./c', 'example.com/b/c'],
  ['tracking', 'https://example.com/a?utm_source=x&utm_medium=y', 'example.com/a'],
  ['tracking among others', 'https://example.com/a?id=1&gclid=2&p=3', 'example.com/a?id=1&p=3'],
  ['tracking in other case', 'https://example.com/a?UTM_Source=x&FBCLID=1', 'example.com/a'],
  ['a name that only starts alike', 'https://example.com/a?gclids=1', 'example.com/a?gclids=1'],
  ['order of parameters stays', 'https://example.com/a?b=1&a=2', 'example.com/a?b=1&a=2'],
  ['empty query', 'https://example.com/a?', 'example.com/a'],
  ['empty parameters', 'https://example.com/a?&&b=1&', 'example.com/a?b=1'],
  ['slash before a query', 'https://example.com/a/?b=1', 'example.com/a?b=1'],
  ['session in the path', 'https://example.com/a;jsessionid=0F1?b=1', 'example.com/a?b=1'],
  ['session in the query', 'https://example.com/a?PHPSESSID=0f1', 'example.com/a'],
  ['needless escapes', 'https://example.com/%7Eme/%61', 'example.com/~me/a'],
  ['case of escapes', 'https://example.com/a%2fb%c3%a9', 'example.com/a%2Fb%C3%A9'],
  ['Unicode path', 'https://example.com/é', 'example.com/%C3%A9'],
  ['white space around', '  https://example.com/a\n', 'example.com/a'],
  ['IPv6', 'http://[::1]:80/a', '[::1]/a'],
  ['empty', '', ''],
  ['blank', '   ', ''],
  ['no URL', 'see page 4', ''],
  ['no web address', 'mailto:me@example.com', ''],
  ['file', 'file:///etc/hosts', ''],
  ['broken host', 'https://exa mple.com/', ''],
  ['broken escape', 'https://example.com/%zz%', 'example.com/%zz%'],
]

describe('the canonical form of a URL', () => {
  test.each(CASES)('%s: %s', (_, url, canonical) => {
    expect(canonicalUrl(url)).toBe(canonical)
  })

  test('takes linear time on hostile URLs', () => {
    const started = performance.now()
    for (const part of ['/', '.', ';jsessionid=', '%41', '&utm_', '?', '%'])
      canonicalUrl(`https://example.com/${part.repeat(300_000)}a`)
    canonicalUrl(`https://${'a.'.repeat(100_000)}`)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('is its own canonical form', () => {
    for (const [, , canonical] of CASES)
      if (canonical !== '') expect(canonicalUrl(`https://${canonical}`)).toBe(canonical)
  })
})
