import { AttributesBuilder, documentBatch } from '@winnow/core'
import { describe, expect, it } from 'vitest'
import { Handover, packForTransfer, selectRows } from '../src/index.js'

const documents = documentBatch([
  { id: 'a', text: 'one two' },
  { id: 'b', text: 'three' },
])

describe('a shard between threads', () => {
  it('is transferred, not copied: its own buffers are in the list', () => {
    const { memory, buffers } = packForTransfer({ documents, attributes: {} })
    expect(buffers).toContain(documents.text.bytes.buffer)
    expect(memory.documents.text.bytes).toBe(documents.text.bytes)
    const moved = structuredClone(memory, { transfer: buffers })
    expect(Buffer.from(moved.documents.text.bytes).toString()).toBe('one twothree')
    expect(documents.text.bytes.length).toBe(0)
  })

  it('a column that is part of a larger buffer is copied out, so that the rest is not torn away', () => {
    const large = Buffer.from('xxone twoyy')
    const text = {
      offsets: Int32Array.of(0, 7),
      bytes: new Uint8Array(large.buffer, large.byteOffset + 2, 7),
    }
    const batch = { ...documentBatch([{ id: 'a', text: '' }]), text }
    const { memory, buffers } = packForTransfer({ documents: batch, attributes: {} })
    expect(buffers).not.toContain(large.buffer)
    expect(Buffer.from(memory.documents.text.bytes).toString()).toBe('one two')
  })
})

describe('handover', () => {
  it('keeps to its bound, and gives a shard out once', () => {
    const shard = {
      documents: documentBatch([{ id: 'a', text: 'x'.repeat(1000) }]),
      attributes: {},
    }
    const handover = new Handover(1500)
    handover.put('1', shard)
    handover.put('2', shard)
    expect(handover.take('2')).toBeUndefined()
    expect(handover.take('1')).toBe(shard)
    expect(handover.take('1')).toBeUndefined()
  })
})

describe('a stage', () => {
  it('sees the rows still kept, as earlier stages cut them', () => {
    const batch = documentBatch([
      { id: 'a', text: 'keep CUT this' },
      { id: 'b', text: 'dropped' },
      { id: 'c', text: 'whole' },
    ])
    const earlier = new AttributesBuilder(3)
    earlier.cut(0, 'x.y', [5, 9])
    earlier.drop(1, 'x.z')
    const selected = selectRows(batch, [earlier.finish()])
    expect([...selected.rows]).toEqual([0, 2])
    expect(Buffer.from(selected.batch.text.bytes).toString()).toBe('keep thiswhole')
    expect(selected.cuts).toEqual([[5, 9], []])
  })
})
