// Fills the bundle's code cache (bin/code-cache.cjs) by runs over a small crawl made of the project's documentation.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const WINNOW = fileURLToPath(new URL('../bin/winnow.cjs', import.meta.url))

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** Headings, lists, tables, code and paragraphs of a Markdown text, roughly. */
function htmlOf(markdown) {
  return markdown
    .split(/\n{2,}/)
    .map((block) => {
      if (block.startsWith('#')) return `<h2>${escaped(block.replace(/^#+ /, ''))}</h2>`
      if (block.startsWith('    ') || block.startsWith('```')) return `<pre>${escaped(block)}</pre>`
      if (block.startsWith('|')) return `<table>${block.split('\n').map(rowOf).join('')}</table>`
      if (/^[-*] /.test(block))
        return `<ul>${block
          .split(/^[-*] /m)
          .map(itemOf)
          .join('')}</ul>`
      return `<p>${escaped(block)} <a href="/more">more</a></p>`
    })
    .join('\n')
}

const rowOf = (line) =>
  `<tr>${line
    .split('|')
    .map((cell) => `<td>${escaped(cell)}</td>`)
    .join('')}</tr>`
const itemOf = (text) => (text === '' ? '' : `<li>${escaped(text)}</li>`)

function pageOf(name, markdown) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name} | Docs</title>
<script>window.page = { name: '${name}' }</script><style>nav { display: flex }</style></head><body>
<nav><ul>${['Home', 'Guide', 'About'].map((text) => `<li><a href="/${text}">${text}</a></li>`).join('')}</ul></nav>
<main><article><h1>${name}</h1><time datetime="2026-01-02">2 January 2026</time>${htmlOf(markdown)}</article></main>
<aside><h3>Related</h3><a href="/a">One</a> <a href="/b">Two</a></aside><footer>&copy; The authors</footer></body></html>`
}

function recordOf(url, html) {
  const http = `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}`
  const head = [
    'WARC/1.0',
    'WARC-Type: response',
    `WARC-Target-URI: ${url}`,
    'WARC-Date: 2026-01-02T03:04:05Z',
    `WARC-Record-ID: <urn:uuid:${crypto.randomUUID()}>`,
    'Content-Type: application/http; msgtype=response',
    `Content-Length: ${Buffer.byteLength(http)}`,
  ]
  return gzipSync(`${head.join('\r\n')}\r\n\r\n${http}\r\n\r\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'winnow-code-cache-'))
try {
  const texts = [
    'README.md',
    ...readdirSync(join(ROOT, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
  ]
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => {
      const sections = readFileSync(join(ROOT, name), 'utf8').split(/^(?=## )/m)
      return sections.map((section, i) => [`${name}-${i}`, section])
    })
  // Twice, since duplicates run code of their own.
  const crawl = [...texts, ...texts].map(([name, text], i) =>
    recordOf(`https://example.org/${i}/${name}`, pageOf(name, text)),
  )
  const input = join(folder, 'crawl.warc.gz')
  writeFileSync(input, Buffer.concat(crawl))
  execFileSync(
    process.execPath,
    [WINNOW, 'run', input, '--out', join(folder, 'out'), '--workers', '1', '--quiet'],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, WINNOW_CODE_CACHE: 'fill' } },
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
