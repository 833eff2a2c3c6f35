import createXxhash, { type XXHashAPI } from 'xxhash-wasm'

let xxhash: XXHashAPI

/**
 * Settles once the functions of this file can be used. This package's index awaits it, so that importers need not;
 * a bundle without top-level await takes `exports.js` and awaits it itself.
 */
export const hashReady: Promise<void> = createXxhash().then((api) => {
  xxhash = api
})

/** XXH64 of a string's UTF-8 bytes as 16 lower-case hex digits. */
export function hash64Hex(value: string): string {
  return xxhash.h64ToString(value)
}

/** XXH64 of bytes. */
export function hash64(value: Uint8Array, seed?: bigint): bigint {
  return xxhash.h64Raw(value, seed)
}
