import fc from 'fast-check'
import { type QuoteType, Tokenizer } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { scanTags } from '../src/scan.js'

type Token = string

function ours(html: string): Token[] {
  const tokens: Token[] = []
  let name = ''
  scanTags(html, {
    text: (from, to) => {
      if (to > from) tokens.push(`text ${html.slice(from, to)}`)
    },
    startTag: (from, to) => {
      name = html.slice(from, to).toLowerCase()
      tokens.push(`open ${name}`)
    },
    attribute: (from, to, valueFrom, valueTo) =>
      tokens.push(`attr ${html.slice(from, to)}=${html.slice(valueFrom, valueTo)}`),
    startTagEnd: () => (['script', 'style', 'title', 'textarea'].includes(name) ? name : ''),
    endTag: (from, to) => tokens.push(`close ${html.slice(from, to).toLowerCase()}`),
    inForeignContent: () => false,
  })
  return joined(tokens)
}

/** htmlparser2's tokenizer as the reference. */
function theirs(html: string): Token[] {
  const tokens: Token[] = []
  const ignore = () => {}
  let attribute = ''
  let value = ''
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      ontext: (from, to) => tokens.push(`text ${html.slice(from, to)}`),
      onopentagname: (from, to) => tokens.push(`open ${html.slice(from, to).toLowerCase()}`),
      onclosetag: (from, to) => tokens.push(`close ${html.slice(from, to).toLowerCase()}`),
      onattribname: (from, to) => {
        attribute = html.slice(from, to)
        value = ''
      },
      onattribdata: (from, to) => {
        value += html.slice(from, to)
      },
      onattribend: (_quote: QuoteType) => tokens.push(`attr ${attribute}=${value}`),
      onattribentity: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
      ontextentity: ignore,
    },
  )
  tokenizer.write(html)
  tokenizer.end()
  return joined(tokens)
}

/** Neighbouring texts are one text, however they were cut. */
function joined(tokens: Token[]): Token[] {
  const result: Token[] = []
  for (const token of tokens) {
    const last = result[result.length - 1]
    if (token.startsWith('text ') && last?.startsWith('text '))
      result[result.length - 1] = last + token.slice(5)
    else result.push(token)
  }
  return result
}

describe('the scanner cuts pages as the reference tokenizer does', () => {
  const piece = fc.constantFrom(
    '<p>',
    '</p>',
    '<a href="x y">',
    "<a b='1' c=2 d>",
    '<br/>',
    '<img src=a/b>',
    '<script>',
    'if (a<b) "</p>"',
    '</script>',
    '<style>',
    '</style >',
    '<title>',
    '</title>',
    '<!-- a -- b -->',
    '<!--->',
    '<!-- x --!>',
    '<!doctype html>',
    '<?php x ?>',
    '</ x>',
    '</>',
    '<',
    '< b',
    '<3',
    'a & b',
    '中文',
    ' ',
    '\n',
    '>',
    '=',
    '<P CLASS=A>',
  )

  it('on any sequence of markup', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        // What ends inside a tag is dropped by both, but where they stop reporting differs.
        const html = `${pieces.join('')}<i></i>`
        expect(ours(html)).toEqual(theirs(html))
      }),
      { numRuns: 3000, seed: 20 },
    )
  })

  it('on any characters, without an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>/="\'!-?a b&;[]\u0000') }), (html) => {
        ours(html)
      }),
      { numRuns: 3000, seed: 20 },
    )
  })
})
