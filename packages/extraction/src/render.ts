import { decodeHTML } from 'entities'
import type { Blocks } from './blocks.js'
import type { Measures } from './measure.js'
import type { DataRows } from './rows.js'
import { BLOCK, FIRST_UNKNOWN_TAG, LIST, PARAGRAPH, PREFORMATTED, Tag, TEXT } from './tags.js'
import type { PageTree } from './tree.js'

/** Nested lists are set in by two spaces a level, no further than this. */
const MAX_INDENT = 8

/**
 * Writes the part of a page that is kept as text.
 *
 * Blocks end lines, paragraphs are set apart by an empty line, list items begin with `- `, the
 * cells of a table row are parted by ` | `, preformatted text keeps its white space.
 *
 * @param kept per block: 1 when it is written
 */
export function renderText(
  tree: PageTree,
  measures: Measures,
  blocks: Blocks,
  kept: Uint8Array,
  rows: DataRows,
): string {
  const writer = new TextWriter()
  const { count, tag, end, parent } = tree
  // Only the elements around kept text matter: the walk enters them and jumps the rest.
  const wanted = new Int32Array(count)
  for (let block = 0; block < blocks.count; block++) {
    if (kept[block] === 0) continue
    const stop = blocks.last[block] as number
    for (let node = blocks.first[block] as number; node <= stop; node++) wanted[node] = 1
  }
  for (let node = count - 1; node > 0; node--)
    if (wanted[node] === 1) wanted[parent[node] as number] = 1
  const open: number[] = []
  for (let node = 0; node < count; ) {
    while (open.length > 0 && node >= (end[open[open.length - 1] as number] as number))
      leave(writer, tree, measures, open.pop() as number)
    if (wanted[node] === 0) {
      const left = tag[node] as number
      if (left === Tag.br) writer.lineBreak()
      else if ((left === Tag.td || left === Tag.th) && rows.has(parent[node] as number))
        writer.emptyCell()
      node = end[node] as number
      continue
    }
    const name = tag[node] as number
    if (name === TEXT) {
      if (measures.unread[node] === 0)
        writer.text(tree.html, tree.from[node] as number, tree.to[node] as number)
    } else if (name === Tag.br) writer.lineBreak()
    else if (isBlock(tree, measures, node)) {
      enter(writer, tree, measures, node, rows)
      open.push(node)
    }
    node++
  }
  return writer.finish()
}

/** Custom elements are blocks when they hold any. */
function isBlock(tree: PageTree, measures: Measures, node: number): boolean {
  const name = tree.tag[node] as number
  if (name < FIRST_UNKNOWN_TAG) return BLOCK[name] === 1
  return measures.holdsBlock[node] === 1
}

/** An item with more text in blocks is a post or a card, and written as such. */
const MAX_ITEM = 500

function isListItem(tree: PageTree, measures: Measures, node: number): boolean {
  if (tree.tag[node] !== Tag.li) return false
  return measures.holdsBlock[node] === 0 || (measures.chars[node] as number) <= MAX_ITEM
}

function enter(
  writer: TextWriter,
  tree: PageTree,
  measures: Measures,
  node: number,
  rows: DataRows,
): void {
  const name = tree.tag[node] as number
  if (name === Tag.td || name === Tag.th) {
    writer.cell(rows.has(tree.parent[node] as number))
    return
  }
  if (LIST[name]) writer.list(1)
  else writer.breakLines(PARAGRAPH[name] ? 2 : 1)
  if (isListItem(tree, measures, node)) writer.item()
  else if (name === Tag.tr) writer.row()
  else if (PREFORMATTED[name]) writer.pre(1)
}

function leave(writer: TextWriter, tree: PageTree, measures: Measures, node: number): void {
  const name = tree.tag[node] as number
  if (PREFORMATTED[name]) writer.pre(-1)
  else if (name === Tag.tr) writer.row()
  if (name === Tag.td || name === Tag.th) writer.endCell()
  else if (LIST[name]) writer.list(-1)
  else if (isListItem(tree, measures, node)) writer.endItem()
  else writer.breakLines(PARAGRAPH[name] ? 2 : 1)
}

/** Collects text under the white space rules of HTML. */
class TextWriter {
  readonly #parts: string[] = []
  /** Line breaks owed before the next text. */
  #breaks = 0
  #space = false
  #pre = 0
  #depth = 0
  /** Open list items; within one no empty lines are written. */
  #items = 0
  #prefix = ''
  /** In a row of data: a line break within a cell is a space, and cells are parted by bars. */
  #inData = false
  #cells = 0
  /** Bars owed before the next text: one for each cell begun since the last. */
  #bars = 0

  text(html: string, from: number, to: number): void {
    let text = html.slice(from, to)
    if (text.includes('&')) text = decodeHTML(text)
    if (this.#pre > 0) this.#verbatim(text)
    else this.#flow(text)
  }

  lineBreak(): void {
    if (this.#inData) this.#space = true
    else if (this.#pre > 0) this.#put('\n')
    else this.#breaks = Math.min(2, this.#breaks + 1)
    this.#space = this.#inData
  }

  breakLines(count: number): void {
    if (this.#inData) {
      this.#space = true
      return
    }
    const breaks = this.#items > 0 ? 1 : count
    if (breaks > this.#breaks) this.#breaks = breaks
    this.#space = false
  }

  list(step: number): void {
    this.breakLines(2)
    this.#depth += step
  }

  item(): void {
    this.#items++
    this.#prefix = `${' '.repeat(Math.min(MAX_INDENT, 2 * Math.max(0, this.#depth - 1)))}- `
  }

  endItem(): void {
    this.breakLines(1)
    this.#items--
    this.#prefix = ''
  }

  row(): void {
    this.#cells = 0
    this.#bars = 0
  }

  cell(data: boolean): void {
    if (!data) {
      this.breakLines(1)
      return
    }
    this.#inData = true
    if (this.#cells > 0) this.#bars++
    this.#cells++
  }

  endCell(): void {
    if (!this.#inData) this.breakLines(1)
    this.#inData = false
  }

  emptyCell(): void {
    if (this.#cells > 0) this.#bars++
    this.#cells++
  }

  pre(step: number): void {
    this.#pre += step
  }

  finish(): string {
    return this.#parts.join('').trim()
  }

  #flow(text: string): void {
    let from = 0
    const length = text.length
    for (;;) {
      while (from < length && isBlank(text.charCodeAt(from))) {
        from++
        this.#space = true
      }
      if (from >= length) return
      let to = from + 1
      // Words with one space between are written as they stand.
      for (; to < length; to++) {
        const code = text.charCodeAt(to)
        if (!isBlank(code)) continue
        if (code !== 32 || to + 1 >= length || isBlank(text.charCodeAt(to + 1))) break
      }
      this.#put(text.slice(from, to))
      from = to
    }
  }

  #verbatim(text: string): void {
    if (text === '') return
    // The first line break of a pre element is its layout.
    const body = this.#breaks > 0 && text.startsWith('\n') ? text.slice(1) : text
    if (body !== '') this.#put(body)
  }

  #put(text: string): void {
    if (this.#parts.length > 0 && this.#breaks > 0) {
      this.#parts.push(this.#breaks > 1 ? '\n\n' : '\n')
    } else if ((this.#space || this.#bars > 0) && this.#parts.length > 0) this.#parts.push(' ')
    if (this.#bars > 0) {
      this.#parts.push('| '.repeat(this.#bars))
      this.#bars = 0
    }
    this.#breaks = 0
    this.#space = false
    if (this.#prefix !== '') {
      this.#parts.push(this.#prefix)
      this.#prefix = ''
    }
    this.#parts.push(text)
  }
}

function isBlank(code: number): boolean {
  return code <= 32 || code === 0xa0 || code === 0x200b || code === 0xfeff
}
