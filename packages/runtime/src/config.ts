import { CRAWL_FORMATS, STAGES } from '@winnow/core'
import { z } from 'zod'

const UNITS: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** A size in bytes: a number, or a number with a unit such as `64MiB`. */
const byteSize = z
  .union([
    z.number().int().positive(),
    z
      .string()
      .regex(
        /^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)$/,
        'a size such as 64MiB (units B, KB, MB, GB, KiB, MiB, GiB)',
      ),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value
    const unit = value.replace(/[\d.\s]/g, '')
    return Math.round(Number.parseFloat(value) * (UNITS[unit] ?? 1))
  })
  .describe('bytes, or a number with a unit such as 64MiB')

const share = z.number().min(0).max(1)

/** Everything `winnow run` can be told, with its defaults: the shape of winnow.yaml. */
export const runConfig = z.strictObject({
  stages: z
    .array(z.enum(STAGES))
    .min(1)
    .default([...STAGES])
    .describe('stages to run; text inputs skip HTML extraction by themselves'),
  format: z.enum(['parquet', 'jsonl']).default('parquet').describe('format of the clean shards'),
  workers: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('worker threads; default: one per core'),
  input: z
    .strictObject({
      format: z.enum(CRAWL_FORMATS).optional().describe('default: told from the content'),
      textField: z.string().min(1).default('text').describe('column or field that holds the text'),
      splitBytes: byteSize
        .refine((bytes) => bytes >= 1024, 'must be at least 1 KiB')

        .default(64 * 2 ** 20)
        .describe('size of an input split, stored bytes; 64 MiB'),
      maxRecordBytes: byteSize
        .default(64 * 2 ** 20)
        .describe('larger records are skipped and counted; 64 MiB'),
      maxRatio: z
        .number()
        .min(1)
        .default(200)
        .describe(
          'records that inflate to more than this many times their stored size are skipped',
        ),
    })
    .prefault({}),
  quality: z
    .strictObject({
      profile: z
        .array(z.string())
        .default(['content', 'language', 'gopher_quality', 'gopher_repetition'])
        .describe('rule sets in order, see `winnow rules`'),
      languages: z
        .array(z.string().min(2))
        .min(1)
        .default(['en'])
        .describe('languages to keep, ISO 639-1'),
      thresholds: z
        .record(z.string(), z.number().nullable())
        .default({})
        .describe(
          'thresholds by reason, such as gopher_quality.too_few_words: 40; null turns a rule off',
        ),
      blockLists: z
        .array(z.string())
        .default([])
        .describe('files of blocked domains, URLs and words: plain, hosts or UT1 format, also .gz'),
    })
    .prefault({}),
  dedup: z
    .strictObject({
      profile: z
        .enum(['default', 'fineweb', 'lee', 'strict'])
        .default('default')
        .describe('what the following are taken from where they are not given'),
      shingle: z.enum(['word', 'character']).optional().describe('what a shingle is made of'),
      ngram: z.number().int().min(1).max(64).optional().describe('words or characters per shingle'),
      bands: z.number().int().min(1).max(510).optional().describe('LSH bands'),
      rows: z.number().int().min(1).max(64).optional().describe('rows per band'),
      verify: z
        .union([z.literal('off'), share])
        .optional()
        .describe('least estimated Jaccard of a near-duplicate; off: every candidate counts'),
      against: z
        .enum(['kept', 'every'])
        .optional()
        .describe('drop copies of documents that were kept, or of every earlier one'),
      chainLimit: z
        .number()
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe('earlier documents remembered per key'),
      sketchMinimums: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('minimums stored per document for verification'),
      sketchBits: z
        .union([z.literal(4), z.literal(8)])
        .optional()
        .describe('bits stored of each of them'),
      kind: z
        .enum(['exact', 'bloom'])
        .default('exact')
        .describe(
          'exact: knows of what a document is the copy; bloom: only that it was seen, in a quarter of the memory, with verify off',
        ),
      expectedDocuments: z
        .number()
        .int()
        .min(1)
        .max(1e10)
        .optional()
        .describe('documents that a bloom index is made for; 1,000,000'),
      passages: z
        .strictObject({
          unit: z.enum(['line', 'paragraph']).default('line').describe('what is compared and cut'),
          minBytes: z
            .number()
            .int()
            .min(1)
            .default(20)
            .describe('shorter ones are never cut, in bytes as they are compared'),
          scope: z
            .enum(['all', 'host'])
            .default('all')
            .describe('seen before anywhere, or on the same host only'),
          normalise: z
            .enum(['folded', 'exact'])
            .default('folded')
            .describe('compared without case, accents, punctuation and digits, or to the byte'),
          minKept: share
            .default(0)
            .describe('documents of which a smaller share of bytes is left are dropped'),
        })
        .optional()
        .describe('cut lines or paragraphs that an earlier kept document has; off by default'),
      index: z
        .string()
        .min(1)
        .optional()
        .describe(
          'folder of a duplicate index that outlives the run: copies of what earlier runs kept are dropped; default: index/ in the output folder',
        ),
      snapshotKeys: z
        .number()
        .int()
        .min(1)
        .default(8_000_000)
        .describe('new keys after which the index is saved, so that a later start replays less'),
    })
    .prefault({}),
  decontaminate: z
    .strictObject({
      benchmarks: z
        .string()
        .optional()
        .describe('folder of benchmarks (.jsonl, .jsonl.gz); without it nothing is decontaminated'),
      mode: z
        .enum(['ngram', 'coverage', 'jaccard'])
        .default('ngram')
        .describe('what counts as contaminated; see docs/decisions/0006-decontamination.md'),
      action: z
        .enum(['drop', 'cut'])
        .default('drop')
        .describe('drop the document, or cut the match with 200 characters either side'),
      ngram: z.number().int().min(8).max(16).optional().describe('words per n-gram; 13'),
      fields: z
        .array(z.string())
        .optional()
        .describe('fields of an example to protect; told from their names'),
    })
    .prefault({}),
})

export type RunConfig = z.output<typeof runConfig>
