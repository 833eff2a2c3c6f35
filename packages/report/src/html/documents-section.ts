import { formatBytes, formatCount, formatQuantile, formatShare } from '../format.js'
import type { RunReport } from '../report-schema.js'
import { histogramChart, histogramTable } from './histogram.js'
import { html, type Markup } from './markup.js'
import { bar, section } from './parts.js'

const SHOWN_LANGUAGES = 15

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' })

/** Languages and lengths. */
export function documentsSection(report: RunReport): Markup {
  return section(
    'documents',
    'Languages and lengths',
    html`<span class="key kept"></span>clean <span class="key removed"></span>removed`,
    html`<div class="columns">${languageTable(report)}${lengthFigure(report)}</div>`,
  )
}

function languageTable({ languages }: RunReport): Markup {
  const shown = languages.slice(0, SHOWN_LANGUAGES)
  const rest = languages.slice(SHOWN_LANGUAGES)
  const total = Math.max(
    1,
    languages.reduce((sum, { all }) => sum + all.documents, 0),
  )
  const largest = Math.max(1, ...shown.map(({ all }) => all.documents))
  return html`<table class="languages"><thead><tr><th scope="col">Language</th><th scope="col" class="n">Documents</th><th scope="col" class="n">Share</th><th scope="col" class="n">Clean</th></tr></thead>${shown.map(
    ({ language, all, clean }) =>
      html`<tbody><tr><th scope="row"><bdi>${languageName(language)}</bdi></th><td class="n">${formatCount(all.documents)}</td><td class="n soft">${formatShare(all.documents / total)}</td><td class="n">${formatCount(clean.documents)}</td></tr><tr class="drawn" aria-hidden="true"><td colspan="4">${bar(all.documents / largest, clean.documents / largest)}</td></tr></tbody>`,
  )}${
    rest.length === 0
      ? null
      : html`<tbody><tr><th scope="row">${rest.length} more</th><td class="n">${formatCount(rest.reduce((sum, { all }) => sum + all.documents, 0))}</td><td></td><td class="n">${formatCount(rest.reduce((sum, { clean }) => sum + clean.documents, 0))}</td></tr></tbody>`
  }</table>`
}

function lengthFigure({ lengths }: RunReport): Markup {
  const median = (value: typeof lengths.median) => formatQuantile(value, formatBytes)
  return html`<figure><figcaption><b>Text per document</b><span class="soft">median ${median(lengths.median)}, clean ${median(lengths.medianClean)}</span></figcaption>
${histogramChart(lengths, 'Histogram of text bytes per document', [], formatBytes)}${histogramTable(lengths, 'Text', formatBytes)}</figure>`
}

function languageName(code: string): string {
  if (code === 'unknown' || code === 'other') return code
  try {
    const name = names.of(code) ?? code
    return name === code ? code : `${name} (${code})`
  } catch {
    return code
  }
}
