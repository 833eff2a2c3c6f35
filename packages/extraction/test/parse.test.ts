import { describe, expect, it } from 'vitest'
import { MAX_DEPTH } from '../src/open-elements.js'
import { parsePage } from '../src/parse.js'
import { Tag, TEXT } from '../src/tags.js'
import type { PageTree } from '../src/tree.js'

const names = new Map<number, string>(Object.entries(Tag).map(([name, id]) => [id, name]))

/** The tree as nested brackets, text in quotes. */
function sketch(tree: PageTree, node = 0): string {
  let inside = ''
  for (let child = node + 1; child < (tree.end[node] as number); child = tree.end[child] as number)
    inside +=
      tree.tag[child] === TEXT
        ? `'${tree.html.slice(tree.from[child], tree.to[child])}'`
        : sketch(tree, child)
  return `${names.get(tree.tag[node] as number) ?? '?'}(${inside})`
}

describe('pages become the tree that browsers build, as far as text goes', () => {
  it('ends what an end tag may be left out for', () => {
    expect(sketch(parsePage('<p>a<div>b</div><ul><li>c<li>d</ul>'))).toBe(
      "html(p('a')div('b')ul(li('c')li('d')))",
    )
  })

  it('does not end a block at the end tag of a misnested inline element', () => {
    expect(sketch(parsePage('<a><div>x</a>y</div>z'))).toBe("html(a(div('x''y')'z'))")
  })

  it('does not end what is outside of a table cell', () => {
    expect(sketch(parsePage('<div><table><tr><td>a</div>b</table>c</div>'))).toBe(
      "html(div(table(tr(td('a''b')))'c'))",
    )
  })

  it('reads on after an early end of the body', () => {
    expect(sketch(parsePage('<html><body><p>a</p></body></html><p>b</p>'))).toBe(
      "html(body(p('a')p('b')))",
    )
  })

  it('takes self-closing styles in SVG for what they are', () => {
    expect(sketch(parsePage('<svg><style/><title>t</title></svg><p>a</p>'))).toContain("p('a')")
  })
})

describe('no page makes the work more than linear', () => {
  it('keeps the tree no deeper than the limit, and all of its text', () => {
    const tree = parsePage(`${'<div>'.repeat(1_000_000)}x`)
    expect(tree.count).toBe(1_000_002)
    const depth = new Int32Array(tree.count)
    for (let node = 1; node < tree.count; node++)
      depth[node] = (depth[tree.parent[node] as number] as number) + 1
    expect(Math.max(...depth.subarray(-10))).toBe(MAX_DEPTH)
    expect(tree.tag[tree.count - 1]).toBe(TEXT)
  })

  it('looks at a bounded part of an attribute of any length', () => {
    const tree = parsePage(`<p class="${'a '.repeat(10_000_000)}">x</p>`)
    expect(Math.max(...tree.hints.map((hint) => hint.length))).toBeLessThan(2000)
  })
})
