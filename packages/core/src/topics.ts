/** Topics of the bus, in pipeline order. */
export const TOPICS = {
  crawlShards: 'winnow.crawl-shards',
  extracted: 'winnow.extracted',
  filtered: 'winnow.filtered',
  dedupOrder: 'winnow.dedup-order',
  dedupMatches: 'winnow.dedup-matches',
  deduplicated: 'winnow.deduplicated',
  clean: 'winnow.clean',
  deadLetters: 'winnow.dead-letters',
} as const
export type Topic = (typeof TOPICS)[keyof typeof TOPICS]
