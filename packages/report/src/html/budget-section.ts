import type { ModelBudget } from '../budget.js'
import { formatBytes, formatCount, formatLarge, formatPower } from '../format.js'
import { tokenMargin } from '../funnel.js'
import type { RunReport } from '../report-schema.js'
import { type Content, html, type Markup } from './markup.js'
import { section } from './parts.js'

/** Nats per token of guessing all of the tokenizer's 100,277 tokens alike: a law that says more is out of its range. */
const GUESSING = Math.log(100_277)

/** A loss for display, null where the scaling law has nothing to say. */
export function believableLoss(loss: number): string | null {
  return loss < GUESSING ? loss.toFixed(3) : null
}

/** Tokens, and what they are enough for. */
export function budgetSection(report: RunReport): Markup {
  const { tokens, budget } = report
  return section(
    'budget',
    'What the tokens are enough for',
    tokens.clean === 0 ? 'No clean text, no tokens.' : estimate(report),
    budget.optimal === null
      ? null
      : html`${optimalFigures(budget.optimal)}<table><thead><tr><th scope="col">Model</th><th scope="col" class="n">Wants</th><th scope="col" class="n">Epochs</th><th scope="col" class="n wide">Loss, one pass</th><th scope="col" class="n wide">Loss, all epochs</th><th scope="col" class="n wide">Compute</th><th scope="col">Verdict</th></tr></thead><tbody>${budget.models.map(modelRow)}</tbody></table>
<p class="note">Loss and compute-optimal size: Hoffmann et al. 2022, L(N, D) = 1.69 + 406.4/N<sup>0.34</sup> + 410.7/D<sup>0.28</sup>, 20 tokens per parameter; C = 6ND. Worth of repeated epochs: Muennighoff et al. 2023. A dash stands where the law is out of its range. GPU hours: one H100 at 40 % of 989 TFLOP/s.</p>`,
  )
}

function estimate(report: RunReport): Markup {
  const { tokens } = report
  return html`About <b>${formatLarge(tokens.clean)}</b> clean tokens, ${formatLarge(tokens.low)} to ${formatLarge(tokens.high)} with 95 % confidence (± ${(tokenMargin(report) * 100).toFixed(1)} %), counted with <code>${tokens.tokenizer}</code> on ${formatCount(tokens.chunks)} pieces of text (${formatBytes(tokens.sampledBytes)})${tokens.perByte === null ? '' : `: ${(1 / tokens.perByte).toFixed(2)} bytes per token`}.`
}

function optimalFigures(optimal: NonNullable<RunReport['budget']['optimal']>): Markup {
  const loss = believableLoss(optimal.loss)
  return html`<dl class="figures-row">${figure('Compute-optimal model', `${formatLarge(optimal.parameters)} parameters`)}${figure('Training compute', `${formatPower(optimal.flops)} FLOPs`)}${
    optimal.h100Hours < 0.1 ? null : figure('On one H100', `${formatHours(optimal.h100Hours)}`)
  }${figure('Expected loss', loss === null ? '– (too few tokens)' : `${loss} nats/token`)}</dl>`
}

function figure(name: string, value: Content): Markup {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

function modelRow(model: ModelBudget): Markup {
  return html`<tr><th scope="row">${formatLarge(model.parameters)
    .replace(/\.0+(?= )/, '')
    .replace(
      ' ',
      '\u00a0',
    )}</th><td class="n">${formatLarge(model.wantedTokens)}</td><td class="n">${formatEpochs(model.epochs)}</td><td class="n wide">${believableLoss(model.lossOnePass) ?? '–'}</td><td class="n wide">${believableLoss(model.loss) ?? '–'}</td><td class="n wide">${formatPower(model.flops)}</td><td>${judgement(model.epochs)}</td></tr>`
}

function formatEpochs(epochs: number): string {
  if (epochs >= 1e6) return formatLarge(epochs)
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
