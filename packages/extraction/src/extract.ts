import { locateContent } from './locate.js'
import { measure } from './measure.js'
import { parsePage } from './parse.js'
import { renderText } from './render.js'

export function extractPage(html: string): { text: string } {
  const tree = parsePage(html)
  const measures = measure(tree)
  const { root, skip } = locateContent(tree, measures, { keepComments: false })
  return { text: renderText(tree, measures, root, skip) }
}
