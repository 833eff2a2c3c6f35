#!/usr/bin/env node
/**
 * Learns the block model again: node packages/extraction/train.mjs PAGES.jsonl.gz... (after `npx tsc -b`).
 *
 * Each line of the input is {id, url, html, main_content}, the form of the public WCXB and
 * article-extraction-benchmark development sets. Writes src/model.ts. The same input gives the same file.
 * With FOLD=0 or FOLD=1 only that half of the pages (by a hash of the id) is learned from, so that the
 * other half can judge.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { FEATURES } from './dist/features.js'
import { BOOST_DEFAULTS, boost } from './dist/training/boost.js'
import { labelPage } from './dist/training/label.js'
import { halfOf, joinPages, modelSource } from './dist/training/set.js'

const fold = process.env.FOLD
const pages = []
for (const path of process.argv.slice(2)) {
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
    if (line === '') continue
    const page = JSON.parse(line)
    if (fold !== undefined && halfOf(page.id) !== Number(fold)) continue
    pages.push(labelPage(page.html, page.url ?? '', page.main_content))
  }
}
if (pages.length === 0) {
  console.error('usage: train.mjs PAGES.jsonl.gz...')
  process.exit(2)
}
const model = boost(joinPages(pages, FEATURES.length), BOOST_DEFAULTS)
const target = new URL('./src/model.ts', import.meta.url)
writeFileSync(process.env.OUT ?? target, modelSource(model))
console.log(`learned from ${pages.length} pages`)
