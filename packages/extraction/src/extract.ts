import { pageKind, type PageKind } from './kind.js'
import { locateContent } from './locate.js'
import { measure } from './measure.js'
import { parsePage } from './parse.js'
import { renderText } from './render.js'

export function extractPage(html: string, options: {url?: string}={}): { text: string; kind: PageKind } {
  const tree = parsePage(html)
  const measures = measure(tree)
  const kind = pageKind(tree, options.url ?? '')
  const { root, skip } = locateContent(tree, measures, { keepComments: kind === 'forum', kind })
  return { text: renderText(tree, measures, root, skip), kind }
}
