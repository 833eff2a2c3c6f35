import type { LiveCounters, RunConfig, ShardProcessor, WorkerRole } from '@winnow/runtime/worker'
import type { ObjectStore, RandomAccess } from '@winnow/storage'

export interface ProcessorContext {
  readonly counters?: LiveCounters
  readonly config: RunConfig
  readonly store: ObjectStore
  /** Where the duplicate index is. */
  readonly index: ObjectStore
  /** Opens a crawl file. */
  readonly openInput: (uri: string) => Promise<RandomAccess>
}

/** Makes the processor of a role; its packages load only now, so that each thread loads just what it runs. */
export async function createProcessor(
  role: WorkerRole,
  { config, store, index, openInput, counters }: ProcessorContext,
): Promise<ShardProcessor> {
  switch (role) {
    case 'extractor': {
      const [{ Extractor }, { createScreening }] = await Promise.all([
        import('@winnow/extractor'),
        import('./screening.js'),
      ])
      const { input } = config
      return new Extractor(store, {
        read: {
          textField: input.textField,
          maxRecordBytes: input.maxRecordBytes,
          maxCompressionRatio: input.maxRatio,
        },
        screening: await createScreening(config),
        open: openInput,
        ...(counters === undefined ? {} : { counters }),
      })
    }
    case 'quality-filter': {
      const [{ createQualityFilter }, { qualityOptions }] = await Promise.all([
        import('@winnow/quality-filter'),
        import('./stage-options.js'),
      ])
      return createQualityFilter(store, qualityOptions(config))
    }
    case 'dedup-sign': {
      const [{ DedupSigner }, { dedupOptions }] = await Promise.all([
        import('@winnow/dedup-service'),
        import('./dedup-options.js'),
      ])
      return new DedupSigner(store, index, dedupOptions(config))
    }
    case 'dedup-resolve': {
      const [{ DedupResolver, LogFileView }, { dedupOptions }] = await Promise.all([
        import('@winnow/dedup-service'),
        import('./dedup-options.js'),
      ])
      return new DedupResolver(store, index, new LogFileView(index), dedupOptions(config))
    }
    case 'decontaminator': {
      const [{ Decontaminator }, { decontaminationOf, rulesInForce }] = await Promise.all([
        import('@winnow/decontaminator'),
        import('./stage-options.js'),
      ])
      const evaluate = await decontaminationOf(config)
      return new Decontaminator(store, {
        format: config.format,
        rules: rulesInForce(config),
        ...(evaluate === undefined ? {} : { evaluate }),
      })
    }
  }
}
