import { formatBytes } from '../format.js'
import type { Sample } from '../summary-schema.js'
import { type Content, html, type Markup, safeLink } from './markup.js'

/** A part of the page with its heading. */
export function section(id: string, title: string, lead: Content, body: Content): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${
    lead === null ? null : html`<p class="lead">${lead}</p>`
  }${body}</section>
`
}

/** A horizontal bar of `share` (0 to 1) of the width; of it, `part` in the accent colour. Decoration: the number stands beside it. */
export function bar(share: number, part = share): Markup {
  const width = (value: number) =>
    Math.max(value > 0 ? 0.3 : 0, Math.min(1, value) * 100).toFixed(1)
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="removed" width="${width(share)}" height="10"/><rect class="kept" width="${width(part)}" height="10"/></svg>`
}

/** A name that may be broken after its dots and underscores. */
export function breakable(name: string): Content {
  return name.split(/(?<=[._])/).map((piece, i) => (i === 0 ? piece : html`<wbr>${piece}`))
}

/** A command with a button that copies it. */
export function command(text: string): Markup {
  return html`<span class="command"><code>${text}</code><button type="button" data-copy="${text}">Copy</button></span>`
}

/** Example documents, each with what to type to see all of it. */
export function samples(list: readonly Sample[], out: string | undefined): Markup {
  return html`<ul class="samples">${list.map((sample) => html`<li>${sampleBody(sample, out)}</li>`)}</ul>`
}

export function sampleBody(sample: Sample, out: string | undefined): Markup {
  const title = sample.title === '' ? 'No title' : sample.title
  return html`<p class="title"><bdi>${title}</bdi></p>
<p class="meta">${address(sample.url)}<span>${sample.language === '' ? 'unknown language' : sample.language} · ${formatBytes(sample.bytes)}</span></p>
${sample.detail === '' ? null : html`<p class="detail">${sample.detail}</p>`}
<blockquote dir="auto">${sample.excerpt === '' ? html`<em>no text</em>` : sample.excerpt}</blockquote>
${command(explainCommand(sample.id, out))}`
}

/** What to type to see a document's fate; it runs as it is when the output folder is known. */
export function explainCommand(id: string, out: string | undefined): string {
  const word = shellWord(id)
  if (out === undefined) return `winnow explain ${id.startsWith('-') ? '-- ' : ''}${word}`
  const folder = `--out ${shellWord(out.startsWith('-') ? `./${out}` : out)}`
  return id.startsWith('-')
    ? `npx winnow explain ${folder} -- ${word}`
    : `npx winnow explain ${word} ${folder}`
}

/** An address, as a link where a browser may follow it. */
export function address(url: string): Markup | null {
  if (url === '') return null
  const link = safeLink(url)
  return link === null
    ? html`<span class="url">${url}</span> `
    : html`<a class="url" href="${link}" rel="noreferrer noopener nofollow">${url}</a> `
}

/** An id as one word of a POSIX shell: ids come from the input, and the command is there to be pasted. */
export function shellWord(value: string): string {
  const oneLine = value.replace(/\p{Cc}/gu, '?')
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(oneLine)
    ? oneLine
    : `'${oneLine.replaceAll("'", `'\\''`)}'`
}
