import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { marked } from 'marked'

/** A page made of a document found on this machine. */
export interface Page {
  readonly url: string
  readonly html: string
}

const MOST_BYTES = 400_000
const DOCUMENT = /(\.(md|markdown)|^licen[cs]e(\.txt)?)$/i

/** Every Markdown document and licence under a node_modules folder as a web page, in a fixed order, at most `most`. */
export function pagesOf(nodeModules: string, most: number): Page[] {
  return documentFiles(nodeModules)
    .slice(0, most)
    .map((path) => page(nodeModules, path))
}

function documentFiles(folder: string): string[] {
  const found: string[] = []
  const entries = readdirSync(folder, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...documentFiles(path))
    else if (entry.isFile() && DOCUMENT.test(entry.name)) found.push(path)
  }
  return found
}

function page(root: string, path: string): Page {
  const markdown = readFileSync(path, 'utf8').slice(0, MOST_BYTES)
  const place = relative(root, path).split('\\').join('/')
  const title = `${basename(dirname(path))}: ${basename(path)}`
  return {
    url: `https://docs.example.org/${place}`,
    html: dressUp(title, renderMarkdown(markdown)),
  }
}

/** HTML of a document; a document that the renderer cannot take is shown as plain text. */
function renderMarkdown(markdown: string): string {
  try {
    return marked.parse(markdown, { async: false })
  } catch {
    return `<pre>${escapeHtml(markdown)}</pre>`
  }
}

/** What a real site puts around its text, and an extractor has to take away again. */
function dressUp(title: string, main: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)} | Package documentation</title>
<meta property="article:published_time" content="2025-06-01T08:00:00Z">
<style>nav a { margin: 1em }</style><script>window.analytics = { page: ${JSON.stringify(title)} }</script></head>
<body>
<div class="cookie-banner">We use cookies to improve your experience. <a href="/privacy">Privacy policy</a> <button>Accept all</button></div>
<header><nav><a href="/">Home</a><a href="/packages">Packages</a><a href="/guides">Guides</a><a href="/blog">Blog</a><a href="/login">Sign in</a></nav></header>
<div class="layout">
<aside class="sidebar"><h3>Popular packages</h3><ul><li><a href="/p/1">alpha-parser</a></li><li><a href="/p/2">beta-router</a></li><li><a href="/p/3">gamma-query</a></li><li><a href="/p/4">delta-cli</a></li></ul></aside>
<main><article><h1>${escapeHtml(title)}</h1>
${main}
</article></main>
<aside class="related"><h3>You may also like</h3><ul><li><a href="/r/1">Ten packages to know</a></li><li><a href="/r/2">What is new this month</a></li></ul></aside>
</div>
<footer><p>Copyright 2026 Package documentation. All rights reserved.</p><ul><li><a href="/terms">Terms</a></li><li><a href="/contact">Contact</a></li><li><a href="/share">Share this page</a></li></ul></footer>
</body></html>`
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
