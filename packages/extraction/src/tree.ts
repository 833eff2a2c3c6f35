/**
 * A parsed page as flat arrays in document order: node `i` is text (`tag[i] === 0`) or an
 * element, its subtree is `i … end[i] - 1`. No object per node, no recursion anywhere.
 */
export interface PageTree {
  readonly html: string
  readonly count: number
  readonly tag: Uint16Array
  readonly parent: Int32Array
  /** One past the last node of the subtree. */
  readonly end: Int32Array
  /** Text: its range in `html`, entities not yet decoded. Elements: 0. */
  readonly from: Int32Array
  readonly to: Int32Array
  /** Elements: index into `hints`. Text: 0. */
  readonly hint: Int32Array
  /** 1: hidden by attribute or style. */
  readonly hidden: Uint8Array
  /** Distinct hint strings: class, id, role, itemprop, itemtype, each page keeps each once; 0 is ''. */
  readonly hints: readonly string[]
  /** All of `hints`, joined by line breaks: one flat string, where they are slices of the page. */
  readonly hintText: string
  readonly head: PageHead
}

/** What a page says about itself, as found; `metadata.ts` makes sense of it. */
export interface PageHead {
  title: string
  lang: string
  /** name, property or http-equiv (lower case) and content, in document order. */
  readonly metas: (readonly [string, string])[]
  /** Bodies of JSON-LD scripts. */
  readonly jsonLd: string[]
  /** `datetime` of time elements, and whether the element says that it is the publication. */
  readonly times: { readonly value: string; readonly published: boolean; readonly node: number }[]
}

/** Grows a tree node by node; `finish` gives the arrays at their true length. */
export class TreeBuilder {
  count = 0
  readonly hints: string[] = ['']
  readonly #hintIds = new Map<string, number>([['', 0]])
  tag: Uint16Array
  parent: Int32Array
  end: Int32Array
  from: Int32Array
  to: Int32Array
  hint: Int32Array
  hidden: Uint8Array

  /** @param room nodes that can be added before the arrays grow */
  constructor(room: number) {
    this.tag = new Uint16Array(room)
    this.parent = new Int32Array(room)
    this.end = new Int32Array(room)
    this.from = new Int32Array(room)
    this.to = new Int32Array(room)
    this.hint = new Int32Array(room)
    this.hidden = new Uint8Array(room)
  }

  add(tag: number, parent: number, from: number, to: number): number {
    const node = this.count
    if (node === this.tag.length) this.#grow()
    this.tag[node] = tag
    this.parent[node] = parent
    this.end[node] = node + 1
    this.from[node] = from
    this.to[node] = to
    this.count = node + 1
    return node
  }

  describe(node: number, hint: string): void {
    let id = this.#hintIds.get(hint)
    if (id === undefined) {
      id = this.hints.length
      this.hints.push(hint)
      this.#hintIds.set(hint, id)
    }
    this.hint[node] = id
  }

  finish(html: string, head: PageHead): PageTree {
    const { count } = this
    return {
      html,
      count,
      tag: this.tag.subarray(0, count),
      parent: this.parent.subarray(0, count),
      end: this.end.subarray(0, count),
      from: this.from.subarray(0, count),
      to: this.to.subarray(0, count),
      hint: this.hint.subarray(0, count),
      hidden: this.hidden.subarray(0, count),
      hints: this.hints,
      hintText: this.hints.join('\n'),
      head,
    }
  }

  #grow(): void {
    const size = this.tag.length * 2
    const wider = (from: Int32Array) => {
      const to = new Int32Array(size)
      to.set(from)
      return to
    }
    const tag = new Uint16Array(size)
    tag.set(this.tag)
    this.tag = tag
    const hidden = new Uint8Array(size)
    hidden.set(this.hidden)
    this.hidden = hidden
    this.parent = wider(this.parent)
    this.end = wider(this.end)
    this.from = wider(this.from)
    this.to = wider(this.to)
    this.hint = wider(this.hint)
  }
}
