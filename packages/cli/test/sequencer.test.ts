import { describe, expect, it } from 'vitest'
import { Sequencer } from '../src/embedded/sequencer.js'

describe('sequencer', () => {
  it('runs actions in the order of their numbers, one at a time, however they are offered', async () => {
    const sequencer = new Sequencer()
    const log: string[] = []
    const action = (n: number) => async () => {
      log.push(`begin ${n}`)
      await new Promise((resolve) => setTimeout(resolve, 2))
      log.push(`end ${n}`)
    }
    await Promise.all([3, 1, 0, 2].map((n) => sequencer.offer(n, action(n))))
    expect(log).toEqual([0, 1, 2, 3].flatMap((n) => [`begin ${n}`, `end ${n}`]))
  })

  it('goes on past numbers that are skipped', async () => {
    const sequencer = new Sequencer()
    const done = sequencer.offer(2, async () => {})
    sequencer.skip(0)
    sequencer.skip(1)
    await done
  })

  it('an action that failed may be offered again, and holds up no other', async () => {
    const sequencer = new Sequencer()
    await expect(
      sequencer.offer(0, async () => {
        throw new Error('once')
      }),
    ).rejects.toThrow('once')
    await sequencer.offer(1, async () => {})
    await sequencer.offer(0, async () => {})
  })

  it('closing rejects what waits for its number or its turn, and what comes later', async () => {
    const sequencer = new Sequencer()
    const ran: number[] = []
    const action = (n: number) => async () => {
      ran.push(n)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const running = sequencer.offer(0, action(0))
    const queued = sequencer.offer(1, action(1))
    const waiting = sequencer.offer(3, action(3))
    await new Promise((resolve) => setTimeout(resolve, 1))
    sequencer.close(new Error('stopped'))
    const late = sequencer.offer(2, action(2))
    const outcomes = await Promise.allSettled([running, queued, waiting, late])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])
    expect(ran).toEqual([0])
  })
})
