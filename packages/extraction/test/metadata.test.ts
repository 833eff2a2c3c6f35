import { describe, expect, it } from 'vitest'
import { isoDate } from '../src/dates.js'
import { extractPage } from '../src/index.js'

const read = (head: string, body = '<p>a</p>', url = '') =>
  extractPage(`<html><head>${head}</head><body>${body}</body></html>`, { url })

describe('the title is the page’s own', () => {
  it.each([
    ['<title>Notes | Example</title><meta property="og:site_name" content="Example">', 'Notes'],
    ['<title>A &amp; B\n  C</title>', 'A & B C'],
    [
      '<title>x</title><meta property="og:title" content="Better &quot;title&quot;">',
      'Better "title"',
    ],
    [
      '<script type="application/ld+json">{"@type":"Article","headline":"From data"}</script>',
      'From data',
    ],
  ])('%s', (head, title) => expect(read(head).title).toBe(title))

  it('or its first heading', () =>
    expect(read('', '<h1>The <b>one</b></h1>').title).toBe('The one'))
})

describe('the date is the day of publication', () => {
  it.each([
    ['<meta property="article:published_time" content="2024-05-17T08:00:00+02:00">', '2024-05-17'],
    ['<meta name="date" content="17 May 2024">', '2024-05-17'],
    [
      '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","datePublished":"2023-01-02"}]}</script>',
      '2023-01-02',
    ],
    ['<meta property="article:modified_time" content="2024-06-01">', '2024-06-01'],
  ])('%s', (head, date) => expect(read(head).date).toBe(date))

  it('from the address before an unmarked time', () => {
    expect(
      read('', '<time datetime="2020-01-01">x</time>', 'https://a.example/2019/03/09/x').date,
    ).toBe('2019-03-09')
    expect(read('', '<time datetime="2020-01-01">x</time>').date).toBe('2020-01-01')
    expect(read('', '<p>a</p>').date).toBe('')
  })

  it.each([
    ['2024-02-30', ''],
    ['2024-13-01', ''],
    ['1824-01-01', ''],
    ['20240517', '2024-05-17'],
    ['Fri, 17 May 2024 10:00:00 GMT', '2024-05-17'],
    ['May 17th, 2024', '2024-05-17'],
    ['2024-5-7', '2024-05-07'],
    ['yesterday', ''],
  ])('%s is %s', (text, date) => expect(isoDate(text)).toBe(date))
})

describe('the language is a hint from the page', () => {
  it.each([
    ['<html lang="de-AT"><p>a', 'de'],
    ['<html><meta http-equiv="Content-Language" content="fr"><p>a', 'fr'],
    ['<html><meta property="og:locale" content="pt_BR"><p>a', 'pt'],
    ['<html lang="x"><p>a', ''],
  ])('%s', (html, language) => expect(extractPage(html).language).toBe(language))

  it('or from the caller when the page names none', () => {
    expect(extractPage('<p>a', { baseLanguageHint: 'it' }).language).toBe('it')
  })
})
