import {
  type Attributes,
  AttributesBuilder,
  applyCuts,
  type DocumentRow,
  documentBatch,
  keptRows,
  type RuleDescription,
  type Stage,
  scatterAttributes,
  takeUtf8,
} from '@winnow/core'
import type { ShardInput } from '../src/shard-summary.js'

/** A small generator with a seed (xorshift), so that every run makes the same documents. */
export function random(seed: number): () => number {
  let state = seed * 2654435761 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const rule = (
  stage: Stage,
  reason: string,
  metric: string,
  comparison: '<' | '>',
  threshold: number,
): RuleDescription => ({
  stage,
  reason,
  set: reason.split('.')[0] ?? reason,
  metric,
  comparison,
  threshold,
  action: 'drop',
  description: '',
  source: '',
})

export const RULES: readonly RuleDescription[] = [
  rule('quality', 'language.score', 'language_score', '<', 0.65),
  rule('quality', 'gopher_quality.too_few_words', 'words', '<', 50),
  rule('quality', 'gopher_quality.too_many_words', 'words', '>', 100_000),
  rule('quality', 'gopher_quality.mean_word_length_low', 'mean_word_length', '<', 3),
  rule('quality', 'gopher_quality.mean_word_length_high', 'mean_word_length', '>', 10),
  rule('quality', 'gopher_quality.too_few_stop_words', 'stop_words', '<', 2),
  rule('quality', 'gopher_quality.alphabetic_words', 'alphabetic_word_ratio', '<', 0.8),
  rule('quality', 'gopher_repetition.duplicate_line_fraction', 'duplicate_line_fraction', '>', 0.3),
  rule('quality', 'gopher_repetition.top_2_gram', 'top_2_gram', '>', 0.2),
  rule('quality', 'content.flagged_words', 'flagged_word_ratio', '>', 0.01),
]

const WORDS: Record<string, readonly string[]> = {
  en: 'the river of and to a stone bridge that was built in early spring with water from hills have been known for their long grass while farmers carry seed along narrow roads be careful weather changes quickly'.split(
    ' ',
  ),
  de: 'der Fluss und die Brücke aus Stein wurde im frühen Frühling gebaut mit Wasser von den Hügeln während Bauern das Saatgut über schmale Wege tragen weil sich Wetter schnell ändert'.split(
    ' ',
  ),
  fr: 'la rivière et le pont de pierre construit au début du printemps avec eau des collines pendant que les paysans portent les graines sur des chemins étroits parce que le temps change vite'.split(
    ' ',
  ),
  ru: 'река и каменный мост построен ранней весной с водой холмов пока крестьяне несут семена узкими дорогами потому что погода быстро меняется'.split(
    ' ',
  ),
  zh: '河流 和 石桥 建于 初春 山上 的 水 农民 沿着 狭窄 的 道路 运送 种子 因为 天气 变化 很快'.split(
    ' ',
  ),
}
const LANGUAGES = ['en', 'en', 'en', 'en', 'en', 'en', 'de', 'de', 'fr', 'ru', 'zh', '']

export interface CorpusOptions {
  readonly seed: number
  readonly rows: number
  /** Rows placed before the generated ones. */
  readonly extra?: readonly DocumentRow[]
}

/** One shard as a worker would hold it: documents, the verdicts of four stages, counts, timings. */
export function shardInput({ seed, rows, extra = [] }: CorpusOptions): ShardInput {
  const next = random(seed)
  const list: DocumentRow[] = [...extra]
  while (list.length < rows) list.push(documentRow(next, seed, list.length))
  const documents = documentBatch(list)
  const extract = extraction(list, next)
  const seen = keptRows(rows, [extract])
  const quality = scatterAttributes(qualityOf(takeRows(list, seen), next), seen, rows)
  const good = keptRows(rows, [extract, quality])
  const dedup = scatterAttributes(dedupOf(takeRows(list, good), next, seed), good, rows)
  const unique = keptRows(rows, [extract, quality, dedup])
  const decontaminate = scatterAttributes(
    decontamination(takeRows(list, unique), next),
    unique,
    rows,
  )
  const clean = keptRows(rows, [extract, quality, dedup, decontaminate])
  const cleanText = takeUtf8(
    applyCuts(documents.text, [extract, quality, dedup, decontaminate]),
    clean,
  )
  const length = 60_000_000 + seed * 1000
  return {
    shard: {
      id: `shard${seed}`,
      uri: `crawl-data/CC-MAIN-2026-40/part-${seed}.warc.gz`,
      offset: 0,
      length,
    },
    records: {
      pages: rows,
      request: rows,
      metadata: rows,
      'http status': Math.round(rows * 0.11),
      'not a page': Math.round(rows * 0.07),
      revisit: Math.round(rows * 0.03),
      'broken record': 3,
    },
    documents,
    stages: { extract, quality, dedup, decontaminate },
    clean: { rows: clean.length, bytes: cleanText.bytes.length },
    seconds: {
      extract: { seconds: 3.1 + next(), bytes: 310_000_000, documents: rows },
      quality: {
        seconds: 0.31 + next() / 10,
        bytes: documents.text.bytes.length,
        documents: seen.length,
      },
      dedup: {
        seconds: 0.12 + next() / 20,
        bytes: documents.text.bytes.length,
        documents: good.length,
      },
      decontaminate: { seconds: 0.1, bytes: documents.text.bytes.length, documents: unique.length },
    },
    rules: RULES,
  }
}

const takeRows = (rows: readonly DocumentRow[], selection: Int32Array): DocumentRow[] =>
  Array.from(selection, (row) => rows[row] as DocumentRow)

function documentRow(next: () => number, seed: number, position: number): DocumentRow {
  const language = LANGUAGES[Math.floor(next() * LANGUAGES.length)] ?? ''
  const words = WORDS[language] ?? WORDS.en ?? []
  const length = Math.round(Math.exp(3.2 + next() * 1.6 + next() * 1.6 + next() * 1.6))
  const said: string[] = []
  for (let i = 0; i < length; i++) {
    const word = words[Math.floor(next() * words.length)] ?? ''
    said.push(i % 14 === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word)
    if (i % 14 === 13) said.push(i % 56 === 55 ? '.\n\n' : '.')
  }
  const text = said.join(' ').replaceAll(' .', '.')
  const host = [
    'gardenpost.example',
    'hillfarm.example',
    'wiki.stonebridge.example',
    'forum.seeds.example',
  ]
  return {
    id: `${(seed * 7919).toString(16).padStart(8, '0')}-${(position * 4099).toString(36)}`,
    url: `https://${host[Math.floor(next() * host.length)]}/${language || 'xx'}/article-${seed}-${position}.html`,
    title: said
      .slice(0, 6)
      .join(' ')
      .replace(/\.\s*$/, ''),
    language,
    text,
    source: `part-${seed}.warc.gz`,
    position: position * 4099,
  }
}

function extraction(rows: readonly DocumentRow[], next: () => number): Attributes {
  const builder = new AttributesBuilder(rows.length, ['link_density'])
  rows.forEach((_, row) => {
    const density = next() ** 3
    builder.metric('link_density')[row] = density
    if (next() < 0.05)
      builder.drop(row, 'extraction.no_main_content', 'no block of text over 40 characters')
    else if (density > 0.93)
      builder.drop(row, 'extraction.navigation_only', `link density ${density.toFixed(3)}`)
  })
  return builder.finish()
}

function qualityOf(rows: readonly DocumentRow[], next: () => number): Attributes {
  const names = [...new Set(RULES.flatMap(({ metric }) => metric ?? []))]
  const builder = new AttributesBuilder(rows.length, names, ['language'])
  rows.forEach((document, row) => {
    const words = document.text.split(/\s+/)
    const values: Record<string, number> = {
      language_score: document.language === '' ? next() * 0.7 : 1 - next() ** 2 * 0.5,
      words: words.length,
      mean_word_length: document.text.length / words.length - 1 + (next() - 0.5),
      stop_words: document.language === 'en' ? Math.floor(next() * 7) + 1 : Math.floor(next() * 4),
      alphabetic_word_ratio: 1 - next() ** 3 * 0.4,
      duplicate_line_fraction: next() ** 4 * 0.6,
      top_2_gram: next() ** 3 * 0.3,
      flagged_word_ratio: next() ** 20 * 0.05,
    }
    for (const name of names) builder.metric(name)[row] = values[name] ?? Number.NaN
    builder.label(row, 'language', document.language ?? '')
    if (document.language !== 'en')
      builder.drop(row, 'language.not_selected', `${document.language || 'unknown'} is not en`)
    for (const { reason, metric = '', comparison, threshold = 0 } of RULES) {
      const value = values[metric] ?? 0
      if (comparison === '<' ? value < threshold : value > threshold)
        builder.drop(row, reason, `${metric} ${value.toFixed(3)} ${comparison} ${threshold}`)
    }
    if (next() < 0.04 && document.text.length > 400)
      builder.cut(row, 'pii.email', [100, 140, 200, 222], '2 e-mail addresses')
  })
  return builder.finish()
}

function dedupOf(rows: readonly DocumentRow[], next: () => number, seed: number): Attributes {
  const builder = new AttributesBuilder(
    rows.length,
    ['matched_bands', 'estimated_jaccard'],
    ['duplicate_of'],
  )
  rows.forEach((_, row) => {
    const draw = next()
    if (draw > 0.22 || row < 8) return
    const reason = draw < 0.04 ? 'duplicate_url' : draw < 0.11 ? 'duplicate_text' : 'near_duplicate'
    // Some documents are copied a lot: the earlier the more.
    const local = next() < 0.7
    const original = local
      ? (rows[Math.floor(next() ** 4 * Math.min(row, 40))]?.id ?? '')
      : `${(7919).toString(16).padStart(8, '0')}-${(Math.floor(next() ** 3 * 30) * 4099).toString(36)}`
    builder.label(row, 'duplicate_of', original)
    const similarity = 0.7 + next() * 0.3
    if (reason === 'near_duplicate') {
      builder.metric('estimated_jaccard')[row] = similarity
      builder.metric('matched_bands')[row] = 1 + Math.floor(similarity * 12)
    }
    builder.drop(
      row,
      reason,
      `of ${original}, shard ${seed}${reason === 'near_duplicate' ? `, estimated Jaccard ${similarity.toFixed(3)}` : ''}`,
    )
  })
  return builder.finish()
}

function decontamination(rows: readonly DocumentRow[], next: () => number): Attributes {
  const builder = new AttributesBuilder(rows.length, ['coverage'], ['benchmark_example'])
  const benchmarks = ['gsm8k', 'mmlu', 'hellaswag', 'human_eval']
  rows.forEach((_, row) => {
    if (next() > 0.018) return
    const benchmark = benchmarks[Math.floor(next() ** 2 * benchmarks.length)] ?? ''
    const example = `${benchmark}/${Math.floor(next() ** 3 * 400)}`
    builder.label(row, 'benchmark_example', example)
    builder.metric('coverage')[row] = 0.3 + next() * 0.7
    builder.drop(row, `contaminated.${benchmark}`, `13-gram of ${example}`)
  })
  return builder.finish()
}
