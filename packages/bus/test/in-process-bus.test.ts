import { describe, expect, it } from 'vitest'
import { InProcessBus } from '../src/index.js'

const message = (value: string) => ({ topic: 't', key: value, value })

describe('in-process bus', () => {
  it('every group gets every message once, also those published before it came', async () => {
    const bus = new InProcessBus()
    await bus.publish([message('1')])
    const seen: string[] = []
    await bus.consume({
      topic: 't',
      group: 'a',
      concurrency: 1,
      handle: async (m) => void seen.push(`a${m.value}`),
    })
    await bus.consume({
      topic: 't',
      group: 'b',
      concurrency: 1,
      handle: async (m) => void seen.push(`b${m.value}`),
    })
    await bus.publish([message('2'), message('3')])
    await new Promise((resolve) => setTimeout(resolve, 20))
    await bus.close()
    expect(seen.sort()).toEqual(['a1', 'a2', 'a3', 'b2', 'b3'])
  })

  it('a message whose handler fails is delivered again', async () => {
    const bus = new InProcessBus()
    let tries = 0
    await new Promise<void>((resolve) => {
      void bus.consume({
        topic: 't',
        group: 'a',
        concurrency: 1,
        handle: async () => {
          if (++tries < 3) throw new Error('not yet')
          resolve()
        },
      })
      void bus.publish([message('1')])
    })
    await bus.close()
    expect(tries).toBe(3)
  })

  it('never handles more messages at a time than the consumer wants', async () => {
    const bus = new InProcessBus()
    let running = 0
    let most = 0
    let done = 0
    await bus.consume({
      topic: 't',
      group: 'a',
      concurrency: 2,
      handle: async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 5))
        running--
        done++
      },
    })
    await bus.publish(Array.from({ length: 7 }, (_, i) => message(String(i))))
    while (done < 7) await new Promise((resolve) => setTimeout(resolve, 5))
    await bus.close()
    expect(most).toBe(2)
  })
})
