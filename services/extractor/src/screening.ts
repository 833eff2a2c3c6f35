import type { Utf8Column } from '@winnow/core'
import type { ExtractVerdict } from './document-collector.js'

/** What the extractor asks of the quality rules: whether a URL is blocked, and which language a text is in, if that is wanted. */
export interface Screening {
  url(url: string): ExtractVerdict | undefined
  identify?(text: Utf8Column): Promise<{ language: Utf8Column; score: Float32Array }>
}
