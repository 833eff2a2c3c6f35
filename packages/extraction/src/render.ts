import { decodeHTML } from 'entities'
import type { Blocks } from './blocks.js'
import type { Measures } from './measure.js'
import type { DataRows } from './rows.js'
import { BLOCK, HEADING, LIST, PARAGRAPH, PREFORMATTED, Tag, TEXT } from './tags.js'
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
      leave(writer, tag[open.pop() as number] as number)
    if (wanted[node] === 0) {
      if (tag[node] === Tag.br) writer.lineBreak()
      node = end[node] as number
      continue
    }
    const name = tag[node] as number
    if (name === TEXT) {
      if (measures.unread[node] === 0)
        writer.text(tree.html, tree.from[node] as number, tree.to[node] as number)
    } else if (name === Tag.br) writer.lineBreak()
    else if (isBlock(tree, measures, node)) {
      enter(writer, name, rows.has(parent[node] as number))
      open.push(node)
    }
    node++
  }
  return writer.finish()
}

/** Custom elements are blocks when they hold any. */
function isBlock(tree: PageTree, measures: Measures, node: number): boolean {
  const known = BLOCK[tree.tag[node] as number]
  return known === 1 || (known === undefined && measures.holdsBlock[node] === 1)
}

function enter(writer: TextWriter, name: number, inDataRow: boolean): void {
  if (name === Tag.td || name === Tag.th) {
    writer.cell(inDataRow)
    return
  }
  if (LIST[name]) writer.list(1)
  else if (PARAGRAPH[name]) writer.breakLines(2)
  else writer.breakLines(1)
  if (name === Tag.li) writer.item()
  else if (name === Tag.tr) writer.row()
  else if (PREFORMATTED[name]) writer.pre(1)
}

function leave(writer: TextWriter, name: number): void {
  if (PREFORMATTED[name]) writer.pre(-1)
  if (name === Tag.td || name === Tag.th) writer.endCell()
  else if (LIST[name]) writer.list(-1)
  else if (name === Tag.li) writer.endItem()
  else writer.breakLines(PARAGRAPH[name] || HEADING[name] ? 2 : 1)
}

/** Collects text under the white space rules of HTML. */
class TextWriter {
  readonly #parts: string[] = []
  /** Line breaks owed before the next text. */
  #breaks = 0
  #space = false
  #pre = 0
  #depth = 0
  #prefix = ''
  /** In a row of data: a line break within a cell is a space, and cells are parted by bars. */
  #inData = false
  #cells = 0

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
    if (count > this.#breaks) this.#breaks = count
    this.#space = false
  }

  list(step: number): void {
    this.breakLines(this.#depth > 0 && !(step < 0 && this.#depth === 1) ? 1 : 2)
    this.#depth += step
  }

  item(): void {
    this.#prefix = `${' '.repeat(Math.min(MAX_INDENT, 2 * Math.max(0, this.#depth - 1)))}- `
  }

  endItem(): void {
    this.#prefix = ''
    this.breakLines(1)
  }

  row(): void {
    this.#cells = 0
  }

  cell(data: boolean): void {
    if (!data) {
      this.breakLines(1)
      return
    }
    this.#inData = true
    if (this.#cells > 0) {
      this.#put(' |')
      this.#space = true
    }
    this.#cells++
  }

  endCell(): void {
    if (!this.#inData) this.breakLines(1)
    this.#inData = false
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
      while (to < length && !isBlank(text.charCodeAt(to))) to++
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
    } else if (this.#space && this.#parts.length > 0) this.#parts.push(' ')
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
