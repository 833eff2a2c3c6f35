import {
  type Attributes,
  DOCUMENT_TEXT_COLUMNS,
  type DocumentBatch,
  type ShardMessage,
  STAGES,
  type Stage,
} from '@winnow/core'
import { decodeAttributes, decodeDocuments, type ObjectStore } from '@winnow/storage'

/** A document shard in memory with what the stages so far say of it. */
export interface ShardMemory {
  readonly documents: DocumentBatch
  readonly attributes: Partial<Record<Stage, Attributes>>
}

/** Reads a shard back from the store: what a stage does that was not handed it in memory. */
export async function loadShard(
  store: ObjectStore,
  message: Pick<ShardMessage, 'shard' | 'documents' | 'attributes'>,
): Promise<ShardMemory> {
  const key = message.documents
  if (key === undefined) throw new RangeError(`shard ${message.shard} has no documents yet`)
  const attributes: Partial<Record<Stage, Attributes>> = {}
  for (const stage of STAGES) {
    const attributesKey = message.attributes[stage]
    if (attributesKey !== undefined)
      attributes[stage] = await decodeAttributes(attributesKey, await store.get(attributesKey))
  }
  return { documents: await decodeDocuments(key, await store.get(key)), attributes }
}

/** The attributes of the given stages that the shard has, in pipeline order. */
export function stagesOf(memory: ShardMemory): Attributes[] {
  return STAGES.flatMap((stage) => memory.attributes[stage] ?? [])
}

/**
 * Makes a shard ready to change threads: every column gets a buffer of its own (a view of a larger one is copied,
 * all others are not) and the buffers are listed for the transfer.
 */
export function packForTransfer(memory: ShardMemory): {
  memory: ShardMemory
  buffers: ArrayBuffer[]
} {
  const buffers = new Set<ArrayBuffer>()
  const own = <T extends Uint8Array | Int32Array | Float32Array | Float64Array | Uint16Array>(
    view: T,
  ): T => {
    const whole = view.buffer instanceof ArrayBuffer && view.buffer.byteLength === view.byteLength
    const exact = whole && !buffers.has(view.buffer as ArrayBuffer) ? view : (view.slice() as T)
    buffers.add(exact.buffer as ArrayBuffer)
    return exact
  }
  const { documents } = memory
  const columns = Object.fromEntries(
    DOCUMENT_TEXT_COLUMNS.map((name) => {
      const { offsets, bytes } = documents[name]
      return [name, { offsets: own(offsets), bytes: own(bytes) }]
    }),
  ) as Pick<DocumentBatch, (typeof DOCUMENT_TEXT_COLUMNS)[number]>
  const packed: ShardMemory = {
    documents: {
      rows: documents.rows,
      ...columns,
      languageScore: own(documents.languageScore),
      position: own(documents.position),
    },
    attributes: Object.fromEntries(
      Object.entries(memory.attributes).map(([stage, part]) => [
        stage,
        {
          ...part,
          verdict: own(part.verdict),
          reasonCode: own(part.reasonCode),
          spans: { offsets: own(part.spans.offsets), values: own(part.spans.values) },
          metrics: Object.fromEntries(
            Object.entries(part.metrics).map(([name, column]) => [name, own(column)]),
          ),
        },
      ]),
    ),
  }
  return { memory: packed, buffers: [...buffers] }
}

/** Bytes of the column buffers of a shard. */
export function memoryBytes(memory: ShardMemory): number {
  let bytes = memory.documents.languageScore.byteLength + memory.documents.position.byteLength
  for (const name of DOCUMENT_TEXT_COLUMNS) {
    const column = memory.documents[name]
    bytes += column.offsets.byteLength + column.bytes.byteLength
  }
  for (const part of Object.values(memory.attributes))
    for (const column of Object.values(part.metrics)) bytes += column.byteLength
  return bytes
}
