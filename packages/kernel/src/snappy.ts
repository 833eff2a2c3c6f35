import { instantiate, type WasmMemory } from './load.js'

/** Exports of `assembly/snappy`, where each is described. */
interface SnappyKernel {
  readonly memory: WasmMemory
  reserve(length: number): void
  inputAt(): number
  outputAt(): number
  compress(length: number): number
}

let shared: SnappyKernel | undefined

/** Compresses into one Snappy block (no framing). The result depends on `bytes` alone. */
export function snappyCompress(bytes: Uint8Array): Uint8Array {
  shared ??= instantiate<SnappyKernel>('snappy')
  const { memory } = shared
  shared.reserve(bytes.length)
  new Uint8Array(memory.buffer).set(bytes, shared.inputAt())
  const length = shared.compress(bytes.length)
  const start = shared.outputAt()
  return new Uint8Array(memory.buffer).slice(start, start + length)
}
