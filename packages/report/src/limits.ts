/** The constants that bound a summary, whatever the shard's size. */
export const LIMITS = {
  /** Sample documents kept per stage and reason. */
  samplesPerReason: 4,
  /** Characters of a sample's excerpt. */
  excerptCharacters: 200,
  /** Characters of a sample's URL, title and detail; longer ones end in an ellipsis. */
  fieldCharacters: 400,
  /** Reasons listed per stage; the rarest beyond it are counted together as `other`. */
  reasonsPerStage: 256,
  /** Languages listed; the rarest beyond it are counted together as `other`. */
  languages: 128,
  /** Duplicate clusters followed. */
  clusters: 64,
  /** Example copies kept per cluster. */
  copiesPerCluster: 2,
  /** Examples followed per benchmark. */
  examplesPerBenchmark: 64,
  /** Chunks of text tokenised per stratum (`clean`, `dropped`). */
  tokenChunks: { clean: 96, dropped: 32 },
  /** Bytes of such a chunk. */
  chunkBytes: 1024,
} as const
