import { formatBytes, formatCount, formatNumberOf } from '../format.js'
import type { RunReport } from '../report-schema.js'
import { html, type Markup } from './markup.js'
import { section } from './parts.js'

const SHOWN_INPUTS = 20

/** How to make this run again. */
export function runSection(report: RunReport): Markup {
  const { versions, inputs, config } = report.run
  const shown = inputs.slice(0, SHOWN_INPUTS)
  return section(
    'run',
    'This run',
    null,
    html`<dl class="figures-row"><div><dt>Input</dt><dd>${formatBytes(report.inputBytes)} in ${formatNumberOf(report.shards, 'shard')}</dd></div>${Object.entries(
      versions,
    ).map(([name, version]) => html`<div><dt>${name}</dt><dd>${version}</dd></div>`)}</dl>
<details class="more"><summary>${formatNumberOf(inputs.length, 'input')}</summary><ul class="plain">${shown.map((input) => html`<li><code>${input}</code></li>`)}${
      inputs.length > shown.length
        ? html`<li>and ${formatCount(inputs.length - shown.length)} more, in report.json</li>`
        : null
    }</ul></details>
<details class="more"><summary>Settings</summary><pre>${JSON.stringify(config, null, 2) ?? 'none'}</pre></details>`,
  )
}
