import { describe, expect, it } from 'vitest'
import { findBlocks } from '../src/blocks.js'
import { measure } from '../src/measure.js'
import { parsePage } from '../src/parse.js'
import { renderText } from '../src/render.js'
import { DataRows } from '../src/rows.js'

/** Renders all that is readable, whatever it is. */
function render(html: string): string {
  const tree = parsePage(html)
  const measures = measure(tree)
  const blocks = findBlocks(tree, measures)
  const all = new Uint8Array(blocks.count).fill(1)
  return renderText(tree, measures, blocks, all, new DataRows(tree, measures))
}

describe('the text keeps the structure of the page', () => {
  it('sets paragraphs and headings apart by an empty line', () => {
    expect(render('<h1>Title</h1><p>One.</p><p>Two.</p>')).toBe('Title\n\nOne.\n\nTwo.')
  })

  it('folds white space within a line and takes none from the layout', () => {
    expect(render('<p>  a\n\t b <b>c</b>d\n<i> e</i>&nbsp;f </p>')).toBe('a b cd e f')
  })

  it('puts no space where the page has none', () => {
    expect(render('<p>un<b>believ</b>able<span>,</span> yes</p>')).toBe('unbelievable, yes')
  })

  it('ends a line at br, and a paragraph at two', () => {
    expect(render('<p>a<br>b<br><br>c</p>')).toBe('a\nb\n\nc')
  })

  it('begins list items with a bullet and sets nested lists in', () => {
    expect(render('<ul><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ul><p>e</p>')).toBe(
      '- a\n  - b\n  - c\n- d\n\ne',
    )
  })

  it('gives a bullet to items that hold paragraphs, and none to empty items', () => {
    expect(render('<ul><li><p>a</p></li><li></li><li><div>b</div></li></ul>c')).toBe(
      '- a\n- b\n\nc',
    )
  })

  it('closes items and paragraphs that have no end tag', () => {
    expect(render('<ul><li>a<li>b</ul><p>c<p>d<table><tr><td>e<td>f<tr><td>g<td>h</table>')).toBe(
      '- a\n- b\n\nc\n\nd\n\ne | f\ng | h',
    )
  })

  it('parts the cells of a row by bars and keeps empty cells in place', () => {
    expect(
      render(
        '<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td></td><td>3</td></tr></table>',
      ),
    ).toBe('A | B | C\n1 | | 3')
  })

  it('writes a layout table as blocks', () => {
    const long = 'word '.repeat(120).trim()
    expect(render(`<table><tr><td><p>${long}</p></td><td>side</td></tr></table>`)).toBe(
      `${long}\n\nside`,
    )
  })

  it('keeps preformatted text to the character', () => {
    expect(render('<p>x</p><pre><code>if a:\n    b &lt; c\n\n\treturn</code></pre><p>y</p>')).toBe(
      'x\n\nif a:\n    b < c\n\n\treturn\n\ny',
    )
  })

  it('reads references, also broken ones, as browsers do', () => {
    expect(render('<p>&lt;a&gt; &amp; &#x4e2d; &hellip; &copy &notaref; AT&T</p>')).toBe(
      '<a> & 中 … © ¬aref; AT&T',
    )
  })

  it('leaves out scripts, styles, forms controls and comments', () => {
    expect(
      render(
        '<p>a<script>if (x < y) z("<p>no</p>")</script><style>p{}</style><!-- <p>no</p> --><select><option>no</select>b</p>',
      ),
    ).toBe('ab')
  })

  it('breaks lines around custom elements only if they hold blocks', () => {
    expect(render('<p>a <x-name>b</x-name> c</p><x-box><div>d</div></x-box>e')).toBe(
      'a b c\n\nd\ne',
    )
  })
})
