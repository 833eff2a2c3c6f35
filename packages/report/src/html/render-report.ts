import { createHash } from 'node:crypto'
import {
  formatBytes,
  formatCount,
  formatLarge,
  formatNumberOf,
  formatSeconds,
  formatShare,
} from '../format.js'
import { formatMargin } from '../funnel.js'
import type { RunReport } from '../report-schema.js'
import { benchmarksSection } from './benchmarks-section.js'
import { budgetSection } from './budget-section.js'
import { documentsSection } from './documents-section.js'
import { dropsSection } from './drops-section.js'
import { duplicatesSection, hasDuplicates } from './duplicates-section.js'
import { funnelSection } from './funnel-section.js'
import { html, Markup } from './markup.js'
import { metricsSection } from './metrics-section.js'
import { explainCommand } from './parts.js'
import { runSection } from './run-section.js'
import { SCRIPT } from './script.js'
import { speedSection } from './speed-section.js'
import { STYLE } from './style.js'

/**
 * report.html: one file that asks nothing of the network and runs from file://. A content security policy allows its
 * own style and script by hash and nothing else; whatever the crawl says is escaped.
 */
export function renderReport(report: RunReport): string {
  const policy = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${subject(report)}: Winnow report</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${top(report)}
<main>
${funnelSection(report)}${dropsSection(report)}${duplicatesSection(report)}${benchmarksSection(report)}${documentsSection(report)}${metricsSection(report)}${budgetSection(report)}${speedSection(report)}${runSection(report)}</main>
<footer>All figures are in report.json beside this file. To see one document's fate: <code>${explainCommand('ID', report.run.out)}</code></footer>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`
  return page.source
}

function top(report: RunReport): Markup {
  const { tokens, timing, inputBytes } = report
  const pages = report.funnel.find(({ step }) => step === 'pages')?.documents ?? 0
  const clean = report.funnel.at(-1)
  return html`<header class="top"><p class="brand">Winnow report</p>
<h1>${subject(report)}</h1>
<p class="subject">${formatBytes(inputBytes)} of crawl, read as ${formatNumberOf(report.shards, 'shard')}.</p>
<dl class="keys">
<div><dt>Clean documents</dt><dd>${formatCount(clean?.documents ?? 0)}<small>${formatShare(clean?.share ?? 0)} of ${formatCount(pages)} pages</small></dd></div>
<div><dt>Clean text</dt><dd>${formatBytes(clean?.bytes ?? 0)}<small>UTF-8</small></dd></div>
<div><dt>Tokens</dt><dd>${formatLarge(tokens.clean)}<small>${[formatMargin(report), tokens.tokenizer].filter(Boolean).join(', ')}</small></dd></div>
${
  timing.wallSeconds === 0
    ? null
    : html`<div><dt>Time</dt><dd>${formatSeconds(timing.wallSeconds)}<small>${formatBytes(timing.peakMemoryBytes)} of memory at most</small></dd></div>`
}
</dl>
<nav aria-label="Contents"><a href="#funnel">Funnel</a><a href="#drops">Removed</a>${
    hasDuplicates(report) ? html`<a href="#duplicates">Duplicates</a>` : null
  }${
    report.stages.some(({ stage }) => stage === 'decontaminate')
      ? html`<a href="#benchmarks">Test sets</a>`
      : null
  }<a href="#documents">Languages and lengths</a>${
    report.metrics.length > 0 ? html`<a href="#metrics">Thresholds</a>` : null
  }<a href="#budget">Tokens</a><a href="#speed">Throughput</a><a href="#run">Run</a></nav>
</header>`
}

function subject({ run }: RunReport): string {
  const [first, ...others] = run.inputs
  if (first === undefined) return 'A crawl'
  const name = first.split(/[\\/]/).filter(Boolean).at(-1) ?? first
  return others.length === 0 ? name : `${name} and ${formatCount(others.length)} more`
}

function hash(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`
}
