import { findBlocks } from './blocks.js'
import { type PageKind, pageKind } from './kind.js'
import { locateContent } from './locate.js'
import { measure } from './measure.js'
import { parsePage } from './parse.js'
import { renderText } from './render.js'
import { DataRows } from './rows.js'

export function extractPage(
  html: string,
  options: { url?: string } = {},
): { text: string; kind: PageKind } {
  const tree = parsePage(html)
  const measures = measure(tree)
  const kind = pageKind(tree, options.url ?? '')
  const blocks = findBlocks(tree, measures)
  const rows = new DataRows(tree, measures)
  const kept = locateContent(tree, measures, blocks, kind, rows)
  return { text: renderText(tree, measures, blocks, kept, rows), kind }
}
