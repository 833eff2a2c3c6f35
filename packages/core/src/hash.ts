import createXxhash from 'xxhash-wasm'

const xxhash = await createXxhash()

/** XXH64 of a string's UTF-8 bytes as 16 lower-case hex digits. */
export function hash64Hex(value: string): string {
  return xxhash.h64ToString(value)
}

/** XXH64 of bytes. */
export function hash64(value: Uint8Array, seed?: bigint): bigint {
  return xxhash.h64Raw(value, seed)
}
