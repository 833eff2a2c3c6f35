import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { BenchContext } from './part.js'
import { pseudoPage, pseudoTexts } from './pseudo-text.js'

/** Texts of about `context.megabytes`: real reference pages where there is data, else pseudo-text. */
export function sampleTexts(context: BenchContext): string[] {
  const wanted = context.megabytes * 1e6
  const file = join(context.data ?? '', 'neardup', 'docs.jsonl.gz')
  if (context.data === undefined || !existsSync(file)) return pseudoTexts(wanted)
  return upTo(wanted, field(file, 'text'))
}

/** HTML pages of about `context.megabytes`: real articles where there is data, else made-up ones. */
export function samplePages(context: BenchContext): string[] {
  const wanted = context.megabytes * 1e6
  const file = join(context.data ?? '', 'extraction', 'aeb.jsonl.gz')
  if (context.data === undefined || !existsSync(file))
    return upTo(
      wanted,
      pseudoTexts(wanted).map((text, i) => pseudoPage(text, `Page ${i}`)),
    )
  return upTo(wanted, field(file, 'html'))
}

export function byteLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

function field(file: string, name: string): string[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line)[name] as string)
}

function upTo(bytes: number, texts: readonly string[]): string[] {
  const out: string[] = []
  let total = 0
  for (const text of texts) {
    if (total >= bytes) break
    out.push(text)
    total += Buffer.byteLength(text)
  }
  return out
}
