import { Decompress, type ZstdError, ZstdErrorCode } from 'fzstd'

export const ZSTD_MAGIC = 0xfd2fb528
/** Largest window that is accepted: zstd's own limit for `--ultra --long=27`. */
const MAX_WINDOW_BYTES = 128 << 20
/**
 * Given to the decoder at once. A block of one repeated byte takes 4 bytes and becomes 128 KiB, so a step becomes at
 * most 32 MiB; steps of 32 KiB were 9 % faster on real files, and took 2.1 GB for a bomb (docs/decisions/0007).
 */
const STEP_BYTES = 1 << 10

/** Decompresses a zstd body piece by piece. Throws Error when it is broken or cut off. */
export function* zstdChunks(bytes: Uint8Array): Generator<Uint8Array> {
  const decoder = new ZstdDecoder()
  for (let at = 0; at < bytes.length; at += STEP_BYTES)
    yield* decoder.push(bytes.subarray(at, at + STEP_BYTES))
  yield* decoder.end()
}

/** How a compressed stream ended before its end; `reason` is null while all is well. */
export interface StreamDamage {
  reason: 'truncated' | 'broken_compression' | null
  detail: string
}

/**
 * Decompresses a zstd stream in bounded memory. Damage and cut ends do not throw: `outcome` says what happened,
 * since there is no later place to start from.
 */
export async function* zstdStream(
  chunks: AsyncIterable<Uint8Array>,
  outcome: StreamDamage,
): AsyncGenerator<Uint8Array> {
  const decoder = new ZstdDecoder()
  try {
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += STEP_BYTES)
        for (const part of decoder.push(chunk.subarray(at, at + STEP_BYTES))) yield part
    for (const part of decoder.end()) yield part
  } catch (error) {
    if (!(error instanceof ZstdDamage)) throw error
    outcome.reason = error.cut ? 'truncated' : 'broken_compression'
    outcome.detail = `zstd: ${error.message}`
  }
}

/** What the decoder throws, apart from errors of the source. */
class ZstdDamage extends Error {
  constructor(
    message: string,
    readonly cut: boolean,
  ) {
    super(message)
  }
}

class ZstdDecoder {
  private ready: Uint8Array[] = []
  private first = true
  private readonly stream = new Decompress((data) => {
    // the decoder writes on in its buffer
    if (data.length > 0) this.ready.push(data.slice())
  })

  push(bytes: Uint8Array): Uint8Array[] {
    if (this.first) checkWindow(bytes)
    this.first = false
    return this.run(bytes, false)
  }

  end(): Uint8Array[] {
    return this.run(new Uint8Array(0), true)
  }

  private run(bytes: Uint8Array, final: boolean): Uint8Array[] {
    try {
      this.stream.push(bytes, final)
    } catch (error) {
      const { code, message } = error as ZstdError
      throw new ZstdDamage(message, code === ZstdErrorCode.UnexpectedEOF)
    }
    return this.take()
  }

  private take(): Uint8Array[] {
    const out = this.ready
    this.ready = []
    return out
  }
}

/** Refuses a frame that asks for more memory than any ordinary one (RFC 8878, section 3.1.1.1). */
function checkWindow(bytes: Uint8Array): void {
  const descriptor = bytes[4] ?? 0
  if ((descriptor & 0x20) !== 0) return
  const window = bytes[5] ?? 0
  const base = 2 ** (10 + (window >> 3))
  const size = base + (base / 8) * (window & 7)
  if (size > MAX_WINDOW_BYTES)
    throw new ZstdDamage(`window of ${size} bytes, at most ${MAX_WINDOW_BYTES} are accepted`, false)
}
