import { CorruptError } from '@winnow/core'
import { describe, expect, test } from 'vitest'
import {
  decodeLog,
  decodeLogLine,
  encodeLogLine,
  OrderLog,
  type OrderLogEntry,
} from '../src/order-log.js'

function entry(shard: string, rows: number): OrderLogEntry {
  return { schema: 1, run: 'r', shard, keyFile: `keys/${shard}`, rows, fingerprint: 'keys=1' }
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the order log', () => {
  test('gives back what was written', () => {
    const entries = [entry('a', 3), entry('b\n"é', 0)]
    const decoded = decodeLog(encode(entries.map(encodeLogLine).join('')))
    expect(decoded.entries).toEqual(entries)
    expect(decoded.torn).toBe(false)
  })

  test('a last line torn anywhere is noticed and does not count', () => {
    const first = encodeLogLine(entry('a', 3))
    const second = encodeLogLine(entry('b', 4))
    for (let length = 1; length < second.length; length++) {
      const decoded = decodeLog(encode(first + second.slice(0, length)))
      expect(decoded.entries).toEqual([entry('a', 3)])
      expect(decoded.torn).toBe(true)
      expect(decoded.soundBytes).toBe(first.length)
    }
    expect(decodeLog(encode('')).entries).toEqual([])
  })

  test.each([
    ['no JSON', '{"schema":1,'],
    ['no object', '[]'],
    ['no object', 'null'],
    ['another schema', '{"schema":2}'],
    ['no shard', JSON.stringify({ ...entry('a', 1), shard: undefined })],
    ['an empty shard', JSON.stringify(entry('', 1))],
    ['rows as text', JSON.stringify({ ...entry('a', 1), rows: '1' })],
    ['rows under 0', JSON.stringify(entry('a', -1))],
    ['half a row', JSON.stringify(entry('a', 1.5))],
    ['an empty line', ''],
  ])('a whole line with %s is corrupt, and the message says which', (_, line) => {
    expect(() => decodeLogLine(line, 'line 1')).toThrow(CorruptError)
    expect(() => decodeLog(encode(`${encodeLogLine(entry('a', 1))}${line}\n`))).toThrow(/line 2/)
  })

  test('documents are numbered along the log, and a shard that comes again is skipped', () => {
    const log = new OrderLog()
    expect(log.append(entry('a', 3))?.base).toBe(0)
    expect(log.append(entry('empty', 0))?.base).toBe(3)
    expect(log.append(entry('b', 5))?.base).toBe(3)
    expect(log.append(entry('a', 3))).toBeUndefined()
    expect(log.append(entry('c', 1))?.base).toBe(8)
    expect(log.position).toEqual({ entries: 5, ordinals: 9 })
    expect([0, 2, 3, 7, 8].map((ordinal) => log.locate(ordinal).shard)).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
    ])
    expect(log.find('r', 'b')?.base).toBe(3)
    expect(log.append({ ...entry('a', 2), run: 'another' })?.base).toBe(9)
    expect(log.find('another', 'a')?.base).toBe(9)
    expect(() => log.locate(11)).toThrow(RangeError)
    expect(() => new OrderLog().locate(0)).toThrow(RangeError)
  })

  test('the chain names the shards and their order, whatever came between them', () => {
    const chainOf = (...entries: OrderLogEntry[]): string => {
      const log = new OrderLog()
      for (const one of entries) log.append(one)
      return log.chain
    }
    const [a, b] = [entry('a', 3), entry('b', 3)]
    expect(chainOf(a, b)).toMatch(/^[0-9a-f]{16}$/)
    expect(chainOf(b, a)).not.toBe(chainOf(a, b))
    expect(chainOf(a, { ...b, run: 'another' })).not.toBe(chainOf(a, b))
    expect(chainOf(a)).not.toBe(chainOf(a, b))
    expect(chainOf(a, a, b, a)).toBe(chainOf(a, b))
    const log = new OrderLog()
    expect(log.append(a)?.chain).toBe(chainOf(a))
    expect(log.append(b)?.chain).toBe(chainOf(a, b))
  })
})
