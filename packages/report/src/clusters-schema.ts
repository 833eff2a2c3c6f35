import { z } from 'zod'

const count = z.number().int().nonnegative()

/** A document of a cluster. */
const clusterMemberSchema = z.object({
  id: z.string(),
  url: z.string(),
  title: z.string(),
  /** Name of the earlier run that the document is of; '' when it is of this one. */
  run: z.string(),
  /** As the document has it; '' where it has none. */
  date: z.string(),
  /** Bytes of text. */
  bytes: count,
  /** What the policy `best` went by; null under others, and for documents of earlier runs. */
  value: z.number().nullable(),
  stays: z.boolean(),
  /** The beginning of the text; null where only another run's folder has it. */
  excerpt: z.string().nullable(),
})
export type ClusterMember = z.infer<typeof clusterMemberSchema>

const largeClusterSchema = z.object({
  size: count,
  /** Documents of it that stay. */
  kept: count,
  /** A few: those that stay first, then the oldest. */
  members: z.array(clusterMemberSchema),
})
export type LargeCluster = z.infer<typeof largeClusterSchema>

/** What `winnow clusters` found in a duplicate index: clusters.json, and `clusters` in report.json. */
export const clustersReportSchema = z.object({
  kind: z.enum(['components', 'stars']),
  /** How it was chosen which copy stays; null: as the run itself did. */
  policy: z
    .object({
      name: z.enum(['first', 'longest', 'best', 'newest']),
      /** `stage/name`, for `best`. */
      metric: z.string().nullable(),
      smallerIsBetter: z.boolean(),
    })
    .nullable(),
  /** Documents of the index, those of earlier runs among them. */
  documents: count,
  /** Runs in the index. */
  runs: count,
  /** Clusters of two documents or more, and the documents in them. */
  clusters: count,
  clustered: count,
  /** Clusters by size, in ranges that double: 2 to 3, 4 to 7, … */
  sizes: z.array(z.object({ from: count, to: count, clusters: count })),
  /** The largest first. */
  largest: z.array(largeClusterSchema),
})
export type ClustersReport = z.infer<typeof clustersReportSchema>
