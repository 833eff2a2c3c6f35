import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXTRACTION_RULES, extractPage } from '../src/index.js'

const sentence = (n: number) =>
  `The ${['river', 'harbour', 'orchard', 'library', 'station'][n % 5]} was quiet that morning, and number ${n} of the notes said so at some length.`
const paragraphs = (from: number, count: number) =>
  Array.from(
    { length: count },
    (_, i) => `<p>${sentence(from + i)} ${sentence(from + i + 1)}</p>`,
  ).join('\n')

const NAV = `<nav class="main-menu"><ul>${['Home', 'World', 'Sport', 'Arts'].map((name) => `<li><a href="/${name}">${name}</a></li>`).join('')}</ul></nav>`
const FOOTER = `<footer class="site-footer"><p>Copyright 2024 Example Media. All rights reserved.</p><a href="/privacy">Privacy policy</a></footer>`
const page = (head: string, body: string) =>
  `<!doctype html><html lang="en"><head>${head}</head><body><header class="masthead"><a href="/">Example</a></header>${NAV}${body}${FOOTER}</body></html>`

describe('the main content is found, whatever the kind of page', () => {
  it('keeps an article and drops what surrounds it', () => {
    const { text, kind } = extractPage(
      page(
        '<meta property="og:type" content="article">',
        `<main><article><h1>Notes</h1><div class="share-bar"><a href="#">Share on Twitter</a></div>
        <div class="entry-content">${paragraphs(1, 8)}<ul><li>First point of the list, in full.</li><li>Second point of the list, in full.</li></ul></div></article>
        <aside class="related"><h3>Related stories</h3><ul><li><a href="/1">Another story about boats</a></li><li><a href="/2">One more story about trees</a></li></ul></aside>
        <section id="comments" class="comments"><p>Great read, thanks for it, friend.</p></section></main>`,
      ),
    )
    expect(kind).toBe('article')
    expect(text).toContain(sentence(1))
    expect(text).toContain(sentence(8))
    expect(text).toContain('- First point of the list')
    for (const unwanted of ['Share on', 'Related stories', 'Privacy policy', 'Great read', 'Sport'])
      expect(text).not.toContain(unwanted)
  })

  it('keeps the posts of a forum', () => {
    const post = (n: number) =>
      `<div class="post comment" id="p${n}"><div class="username">member${n}</div><div class="post-body"><p>${sentence(n)} ${sentence(n + 3)}</p></div></div>`
    const { text, kind } = extractPage(
      page(
        '<meta name="generator" content="Discourse 3.2">',
        `<div id="topic"><h1>A question</h1>${[1, 2, 3, 4, 5].map(post).join('')}</div>`,
      ),
      { url: 'https://forum.example.org/t/a-question/12' },
    )
    expect(kind).toBe('forum')
    for (const n of [1, 2, 3, 4, 5]) expect(text).toContain(sentence(n))
    expect(text).not.toContain('Privacy policy')
  })

  it('keeps code in documentation to the character', () => {
    const code = 'for item in list:\n    if item:\n        print(item)'
    const { text } = extractPage(
      page(
        '',
        `<main role="main"><h1>Loops</h1>${paragraphs(1, 3)}<pre><code>${code}</code></pre>${paragraphs(5, 3)}</main>`,
      ),
    )
    expect(text).toContain(code)
  })

  it('takes the description of a product from JSON-LD when the page itself says little', () => {
    const description = `${sentence(1)} ${sentence(2)} ${sentence(3)} ${sentence(4)}`
    const { text, kind } = extractPage(
      page(
        `<meta property="og:type" content="product"><script type="application/ld+json">${JSON.stringify({ '@type': 'Product', name: 'Lamp', description })}</script>`,
        '<div id="root"></div>',
      ),
    )
    expect(kind).toBe('product')
    expect(text).toBe(description)
  })

  it('works in languages without spaces', () => {
    const chinese =
      '北京的秋天很美，人们在公园里散步。孩子们放着风筝，老人们下着象棋，一切都很安静。'
    const { text, language } = extractPage(
      `<html lang="zh-CN"><body>${NAV}<div class="content">${`<p>${chinese}</p>`.repeat(6)}</div>${FOOTER}</body></html>`,
    )
    expect(text.split(chinese).length).toBe(7)
    expect(text).not.toContain('Privacy')
    expect(language).toBe('zh')
  })
})

describe('a page without main content is said to have none', () => {
  it.each([
    ['', 'extract.not_html'],
    ['just words, no markup', 'extract.not_html'],
    ['{"json": ["<", ">"]}', 'extract.not_html'],
    [
      '<?xml version="1.0"?><rss><channel><title>x</title><item>y</item></channel></rss>',
      'extract.not_html',
    ],
    ['<html><body></body></html>', 'extract.no_main_content'],
    [
      '<html><body><script>var a = "text that nobody reads, ever."</script></body></html>',
      'extract.no_main_content',
    ],
  ])('%j', (html, reason) => {
    const result = extractPage(html)
    expect(result.text).toBe('')
    expect(result.discarded).toBe(reason)
    expect(EXTRACTION_RULES.map((rule) => rule.reason)).toContain(reason)
  })
})

describe('hostile pages', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['deep nesting', '<div>'.repeat(300_000)],
    ['deep nesting with text', '<div>a '.repeat(200_000)],
    ['deep inline nesting', '<b><i>a'.repeat(150_000)],
    [
      'end tags that end nothing',
      `<table><td>${'<b>'.repeat(600)}${'</div></p></li>'.repeat(100_000)}`,
    ],
    ['many cells in a row', `<table><tr>${'<td>a</td>'.repeat(200_000)}</tr></table>`],
    ['many empty cells', `<table><tr>${'<td></td>'.repeat(200_000)}<td>a</tr></table>`],
    ['many attributes', `<p ${'class=a '.repeat(300_000)}>a`],
    ['one huge attribute', `<p class="${'x'.repeat(5_000_000)}">a`],
    ['an attribute that never ends', `<p>a<p class="${'x '.repeat(2_000_000)}`],
    ['many names', Array.from({ length: 100_000 }, (_, i) => `<x${i}>`).join('')],
    [
      'many classes',
      Array.from({ length: 100_000 }, (_, i) => `<p class="c${i} content">a`).join(''),
    ],
    ['ampersands', `<p>${'&'.repeat(2_000_000)}`],
    ['less-than signs', '<'.repeat(2_000_000)],
    ['dashes in a comment', `<!--${'-'.repeat(2_000_000)}x`],
    ['comments that never end', '<!--'.repeat(500_000)],
    ['scripts that never end', '<script></scrip'.repeat(300_000)],
    ['nested lists', '<ul><li>a'.repeat(100_000)],
    ['nested tables', '<table><tr><td>a'.repeat(100_000)],
    [
      'nested JSON-LD',
      `<script type="application/ld+json">${'['.repeat(500_000)}</script><p>a</p>`,
    ],
    ['white space', `<p>${' \n'.repeat(2_000_000)}a`],
  ]

  it.each(hostile)('%s: neither crashes nor takes more than linear work', (_name, html) => {
    const result = extractPage(html)
    expect(result.text.length).toBeLessThanOrEqual(2 * html.length + 1000)
  })

  it('a page of any size is read up to a bound', () => {
    const result = extractPage(
      `<p>${sentence(1)}</p>${'<!-- pad -->'.repeat(1_000_000)}<p>${sentence(2)}</p>`,
    )
    expect(result.text).toBe(sentence(1))
  })

  it('any bytes give a result, and the same one twice', () => {
    const piece = fc.constantFrom(
      '<div',
      '<p>',
      '</p>',
      '<table>',
      '<tr>',
      '<td>',
      '<li>',
      '<a href=#>',
      '</a>',
      'text, more text. ',
      '>',
      '"',
      '&amp;',
      '&#0;',
      '\u0000',
      '\ud800',
      '<svg>',
      '</svg>',
      '<pre>',
      '<br>',
      '<h2>',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const html = pieces.join('')
        expect(extractPage(html)).toEqual(extractPage(html))
      }),
      { numRuns: 500, seed: 20 },
    )
  })
})
