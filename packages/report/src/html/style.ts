/** The look of the page: one column of calm type, two colours of data, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fcfcfa; --panel: #ffffff; --ink: #1c2422; --soft: #5c6763; --line: #e2e4de;
  --kept: #14746a; --removed: #bcc4ba; --track: #f0f1ec; --threshold: #b3401f; --code: #f2f3ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121716; --panel: #182020; --ink: #e6eae7; --soft: #9aa6a1; --line: #2b3533;
    --kept: #4fb8a6; --removed: #54625e; --track: #1f2827; --threshold: #f0936f; --code: #1f2827;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere }
main, header.top, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem }
h1, h2 { font-weight: 650; letter-spacing: -0.018em; line-height: 1.2; text-wrap: balance }
h1 { font-size: clamp(1.9rem, 5vw, 2.75rem); margin: 0 0 .5rem }
h2 { font-size: 1.5rem; margin: 0 0 .5rem }
h3 { font-size: 1.05rem; margin: 0 0 .35rem }
h4 { font-size: .875rem; margin: 1rem 0 .4rem; color: var(--soft); font-weight: 600 }
a { color: var(--kept) }
a:focus-visible, summary:focus-visible, button:focus-visible { outline: 2px solid var(--kept); outline-offset: 2px; border-radius: 3px }
code, pre { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em }
header.top { padding-top: 3.5rem }
.brand { font-size: .8125rem; letter-spacing: .08em; text-transform: uppercase; color: var(--kept); font-weight: 650; margin: 0 0 .75rem }
.subject { color: var(--soft); margin: 0; max-width: 46rem }
nav { margin: 1.75rem 0 0; padding: .7rem 0; border-block: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem }
nav a { color: var(--soft); text-decoration: none }
nav a:hover { color: var(--ink); text-decoration: underline }
.keys { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.5rem; margin: 2.25rem 0 0 }
.keys div { border-top: 2px solid var(--kept); padding-top: .75rem }
.keys dt, .figures-row dt { font-size: .8125rem; color: var(--soft) }
.keys dd { margin: 0; font-size: clamp(1.35rem, 4.5vw, 2rem); line-height: 1.25; font-variant-numeric: tabular-nums; letter-spacing: -0.01em }
.keys dd small { display: block; font-size: .8125rem; color: var(--soft); letter-spacing: 0; line-height: 1.45 }
section { padding: 3rem 0 0 }
.lead { color: var(--soft); margin: 0 0 1.25rem; max-width: 46rem }
.lead b { color: var(--ink) }
.note { color: var(--soft); font-size: .9rem; margin: .5rem 0 }
.note b { color: var(--ink); font-weight: 600 }
.pair { white-space: nowrap }
.pair code { white-space: normal }
.soft { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 500 }
thead th { font-size: .8125rem; color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); padding: .35rem .5rem }
tbody th, td { padding: .5rem .5rem }
th:first-child, td:first-child { padding-left: 0 }
th:last-child, td:last-child { padding-right: 0 }
.n { text-align: right; white-space: nowrap }
tbody > tr > * { vertical-align: baseline }
table:not(.funnel) > tbody > tr:last-child > * { border-bottom: 1px solid var(--line) }
tr.drawn > td { padding: 0 0 .6rem; line-height: 0 }
.named th { overflow-wrap: normal }
.funnel .bar { height: 14px }
.funnel tbody th { font-size: 1.0625rem }
.step-clean th, .step-clean td { font-weight: 650 }
.bar { display: block; width: 100%; height: 6px; border-radius: 3px }
.bar .track { fill: var(--track) }
.kept { fill: var(--kept) }
.removed { fill: var(--removed) }
.key { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin: 0 .35em 0 .6em; background: var(--kept) }
.lead .key:first-child { margin-left: 0 }
.key.removed { background: var(--removed) }
.key.threshold { background: none; width: 0; height: .95em; border-left: 2px dashed var(--threshold); border-radius: 0; vertical-align: -.1em }
.stage { margin: 0 0 2.25rem }
.stage:last-child { margin-bottom: 0 }
details.reason { border-top: 1px solid var(--line) }
details.reason:last-of-type { border-bottom: 1px solid var(--line) }
details.reason > summary { display: grid; grid-template-columns: 1fr auto 13rem; gap: .25rem 1.25rem; align-items: center; padding: .55rem .25rem .55rem 1.4rem; cursor: pointer; position: relative; list-style: none }
details.reason > summary::-webkit-details-marker { display: none }
details.reason > summary::before { content: ""; position: absolute; left: .3rem; top: 1.02rem; width: .42rem; height: .42rem; border: solid var(--soft); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); transition: transform .12s }
details.reason[open] > summary::before { transform: rotate(45deg) }
details.reason > summary:hover { background: var(--track) }
details.reason > :not(summary) { margin-left: 1.4rem }
.reason .figure { font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right }
.reason .figure .soft { display: inline-block; min-width: 4.2rem }
.name { min-width: 0 }
.tag { font-size: .75rem; color: var(--kept); border: 1px solid currentColor; border-radius: 1rem; padding: 0 .55em; white-space: nowrap }
.samples { list-style: none; margin: .5rem 0 1.25rem; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem }
.samples li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; min-width: 0 }
.samples p { margin: 0 0 .35rem }
.samples .title { font-weight: 600 }
.samples .title, .samples .url, .samples .detail { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden }
.samples .why { font-size: .875rem; color: var(--kept) }
.one-line { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
sup { line-height: 0 }
.samples .meta { font-size: .8125rem; color: var(--soft); display: flex; flex-wrap: wrap; gap: 0 .75rem }
.samples .detail { font-size: .875rem; color: var(--threshold) }
blockquote { margin: .5rem 0 .75rem; padding-left: .75rem; border-left: 2px solid var(--line); font-size: .9rem; color: var(--soft) }
.command { display: inline-flex; max-width: 100%; align-items: stretch; background: var(--code); border-radius: 6px; overflow: hidden }
.command code { padding: .3rem .6rem; font-size: .8125rem; min-width: 0; user-select: all }
.command button { display: none; border: 0; border-left: 1px solid var(--line); background: none; color: var(--soft); font: inherit; font-size: .8125rem; padding: .3rem .6rem; min-width: 4.2em; cursor: pointer }
.command button:hover { color: var(--ink) }
.scripted .command button { display: block }
.columns { display: grid; grid-template-columns: 1.25fr 1fr; gap: 2.5rem; align-items: start }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 2rem 1.75rem; align-items: start }
figure { margin: 0; min-width: 0 }
figcaption b { display: block; font-weight: 600 }
figcaption .soft { font-size: .8125rem; font-variant-numeric: tabular-nums }
.chart { display: block; width: 100%; height: auto; margin-top: .25rem }
.chart text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--soft) }
.chart .axis { stroke: var(--line) }
.chart line.threshold { stroke: var(--threshold); stroke-dasharray: 4 3; stroke-width: 1.25 }
.chart text.threshold { fill: var(--threshold) }
details.numbers { font-size: .8125rem }
details.numbers > summary, details.more > summary { cursor: pointer; color: var(--soft); padding: .2rem 0 }
details.numbers th, details.numbers td { padding-block: .2rem }
details.more { margin: 1.25rem 0 0 }
details.more > .figures { margin-top: 1rem }
.figures-row { display: flex; flex-wrap: wrap; gap: .9rem 2.5rem; margin: 0 0 1.25rem }
.figures-row dd { margin: 0; font-size: 1.125rem; font-variant-numeric: tabular-nums }
pre { background: var(--code); border-radius: 6px; padding: .9rem 1rem; white-space: pre-wrap; margin: .5rem 0 }
.plain { list-style: none; padding: 0; margin: .5rem 0 }
footer { color: var(--soft); font-size: .875rem; padding-block: 3.5rem 3rem }
@media (max-width: 44rem) {
  main, header.top, footer { padding-inline: 1.25rem }
  header.top { padding-top: 2rem }
  body { font-size: 15px }
  .wide { display: none }
  thead th, tbody th, td { padding-inline: .3rem }
  .keys { grid-template-columns: 1fr 1fr; gap: 1.25rem }
  .columns { grid-template-columns: minmax(0, 1fr) }
  details.reason > summary { grid-template-columns: 1fr auto; gap: .25rem .75rem }
  details.reason > summary .bar { grid-column: 1 / -1 }
  .reason .figure .soft { min-width: 3.6rem }
  details.reason > :not(summary) { margin-left: 0 }
  section { padding-top: 2.25rem }
}
@media print {
  :root { --page: #fff; --panel: #fff; --ink: #000; --soft: #444; --line: #ccc; --kept: #14746a; --removed: #c8ccc4; --track: #eee; --threshold: #b3401f; --code: #f4f4f4; color-scheme: light }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  body { font-size: 10.5pt }
  nav, .command button, details.numbers, .scripted .command button { display: none }
  figure, summary, .samples li, tbody, .stage h3, .figures-row { break-inside: avoid }
  h2, h3 { break-after: avoid }
  section { padding-top: 1.5rem }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; scroll-behavior: auto !important } }
`
