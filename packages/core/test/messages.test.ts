import { describe, expect, it } from 'vitest'
import { CorruptError, shardId, TOPICS } from '../src/index.js'
import { parseMessage, shardMessage } from '../src/messages.js'

const message = {
  schema: 1,
  run: 'r',
  shard: shardId('file:///a.warc.gz', 0, 10),
  sequence: 0,
  source: { uri: 'file:///a.warc.gz', offset: 0, length: 10, format: 'warc' },
  attributes: {},
  timings: {},
}

describe('messages', () => {
  it('survive their topic', () => {
    expect(parseMessage(shardMessage, TOPICS.extracted, JSON.stringify(message))).toEqual(message)
  })

  it('that are wrong name the field', () => {
    const wrong = JSON.stringify({ ...message, source: { ...message.source, offset: -1 } })
    expect(() => parseMessage(shardMessage, TOPICS.extracted, wrong)).toThrow(/source\.offset/)
    expect(() => parseMessage(shardMessage, TOPICS.extracted, 'x')).toThrow(CorruptError)
  })

  it('shard ids depend on the file and the range alone', () => {
    expect(message.shard).toMatch(/^[0-9a-f]{16}$/)
    expect(shardId('file:///a.warc.gz', 0, 10)).toBe(message.shard)
    expect(shardId('file:///a.warc.gz', 1, 10)).not.toBe(message.shard)
  })
})
