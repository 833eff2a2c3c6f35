import { canSizeModel, type ModelBudget, SMALLEST_SIZED_TOKENS } from '../budget.js'
import { formatBytes, formatCount, formatLarge, formatNumberOf, formatPower } from '../format.js'
import { formatMargin } from '../funnel.js'
import type { RunReport } from '../report-schema.js'
import { type Content, html, type Markup } from './markup.js'
import { section } from './parts.js'

/** Hours below which a GPU's time is not worth a figure. */
const SHORTEST_GPU_HOURS = 0.1
/** Epochs beyond which the number says no more than "far too many". */
const MOST_EPOCHS = 1000

/** Tokens, and what they are enough for. */
export function budgetSection(report: RunReport): Markup {
  const { tokens, budget } = report
  const sized = canSizeModel(tokens.clean)
  return section(
    'budget',
    'What the tokens are enough for',
    tokens.clean === 0 ? 'No clean text, no tokens.' : estimate(report),
    budget.optimal === null
      ? null
      : html`${sized ? optimalFigures(budget.optimal) : tooSmall()}<table><thead><tr><th scope="col">Model</th><th scope="col" class="n">Wants</th><th scope="col" class="n">Epochs</th><th scope="col" class="n wide">Loss, one pass</th><th scope="col" class="n wide">Loss, all epochs</th><th scope="col" class="n wide">Compute</th><th scope="col">Verdict</th></tr></thead><tbody>${budget.models.map((model) => modelRow(model, sized))}</tbody></table>
<p class="note">Loss and compute-optimal size: Hoffmann et al. 2022, L(N, D) = 1.69 + 406.4/N<sup>0.34</sup> + 410.7/D<sup>0.28</sup>, 20 tokens per parameter; C = 6ND. Worth of repeated epochs: Muennighoff et al. 2023.${sized ? null : ' A dash stands where these say nothing.'}${sized && hasGpuHours(budget.optimal) ? ' GPU hours: one H100 at 40 % of 989 TFLOP/s.' : null}</p>`,
  )
}

function estimate(report: RunReport): Markup {
  const { tokens } = report
  const { low, high } = tokens
  const margin = formatMargin(report)
  const interval =
    low === null || high === null || margin === ''
      ? null
      : `, ${formatLarge(low)} to ${formatLarge(high)} with 95 % confidence (${margin})`
  return html`About <b>${formatLarge(tokens.clean)}</b> clean tokens${interval}, counted with <code>${tokens.tokenizer}</code> on ${formatNumberOf(tokens.chunks, 'piece')} of text (${formatBytes(tokens.sampledBytes)})${tokens.perByte === null ? '' : `: ${(1 / tokens.perByte).toFixed(2)} bytes per token`}.`
}

function tooSmall(): Markup {
  return html`<p>This is too little text to size a model by: scaling laws say something from about ${SMALLEST_SIZED_TOKENS / 1e6} million tokens on.</p>`
}

type Optimal = NonNullable<RunReport['budget']['optimal']>

function hasGpuHours({ h100Hours }: Optimal): boolean {
  return h100Hours >= SHORTEST_GPU_HOURS
}

function optimalFigures(optimal: Optimal): Markup {
  return html`<dl class="figures-row">${figure('Compute-optimal model', `${formatLarge(optimal.parameters)} parameters`)}${figure('Training compute', `${formatPower(optimal.flops)} FLOPs`)}${
    hasGpuHours(optimal) ? figure('On one H100', formatHours(optimal.h100Hours)) : null
  }${figure('Expected loss', `${optimal.loss.toFixed(3)} nats/token`)}</dl>`
}

function figure(name: string, value: Content): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

function modelRow(model: ModelBudget, sized: boolean): Markup {
  const known = (text: string) => (sized ? text : '–')
  return html`<tr><th scope="row">${formatLarge(model.parameters)
    .replace(/\.0+(?= )/, '')
    .replace(
      ' ',
      '\u00a0',
    )}</th><td class="n">${formatLarge(model.wantedTokens)}</td><td class="n">${known(formatEpochs(model.epochs))}</td><td class="n wide">${known(model.lossOnePass.toFixed(3))}</td><td class="n wide">${known(model.loss.toFixed(3))}</td><td class="n wide">${formatPower(model.flops)}</td><td>${judgement(model.epochs)}</td></tr>`
}

function formatEpochs(epochs: number): string {
  if (epochs > MOST_EPOCHS) return `> ${formatCount(MOST_EPOCHS)}`
  return epochs < 10 ? epochs.toFixed(2) : formatCount(epochs)
}

function formatHours(hours: number): string {
  return hours < 10 ? `${hours.toFixed(1)} hours` : `${formatCount(hours)} hours`
}

/** Up to 4 epochs repeats are nearly as good as new text, beyond 40 they add nothing (Muennighoff et al., section 6). */
function judgement(epochs: number): string {
  if (epochs <= 1) return 'enough'
  if (epochs <= 4) return 'enough, with repeats'
  if (epochs <= 40) return 'repeats tell'
  return 'too little'
}
