import { describe, expect, it } from 'vitest'
import { assignPartitions } from '../src/sticky-assignment.js'

const all = Array.from({ length: 12 }, (_, i) => i)
const newcomer = (id: string) => ({ id, owned: [], busy: [] })

describe('sharing partitions out', () => {
  it('gives each partition to one member, and members differ by one at most', () => {
    for (let count = 1; count <= 14; count++) {
      const members = Array.from({ length: count }, (_, i) => newcomer(`m${i}`))
      const shares = [...assignPartitions(all, members).values()]
      expect(shares.flat().sort((a, b) => a - b)).toEqual(all)
      const sizes = shares.map(({ length }) => length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }
  })

  it('moves only what a newcomer is due, and no partition with a message in work', () => {
    const members = [
      { id: 'a', owned: [0, 1, 2, 3, 4, 5], busy: [4, 5] },
      { id: 'b', owned: [6, 7, 8, 9, 10, 11], busy: [6] },
      newcomer('c'),
    ]
    const shares = assignPartitions(all, members)
    expect(shares.get('a')).toEqual([4, 5, 0, 1])
    expect(shares.get('b')).toEqual([6, 7, 8, 9])
    expect(shares.get('c')).toEqual([2, 3, 10, 11])
  })

  it('leaves everything where it is when a member goes, and shares out what it had', () => {
    const members = [
      { id: 'a', owned: [0, 1, 2, 3], busy: [] },
      { id: 'b', owned: [4, 5, 6, 7], busy: [] },
    ]
    const shares = assignPartitions(all, members)
    expect(shares.get('a')).toEqual(expect.arrayContaining([0, 1, 2, 3]))
    expect(shares.get('b')).toEqual(expect.arrayContaining([4, 5, 6, 7]))
    expect([...shares.values()].flat()).toHaveLength(12)
  })

  it('a partition that two members claim goes to the one that works on it', () => {
    const members = [
      { id: 'a', owned: [0, 1], busy: [] },
      { id: 'b', owned: [0], busy: [0] },
    ]
    expect(assignPartitions([0, 1], members).get('b')).toEqual([0])
  })
})
