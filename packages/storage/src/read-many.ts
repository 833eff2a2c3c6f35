import type { ObjectStore } from './object-store.js'

/** Objects under way at once: one request after the other would be slow where each takes its time. */
const AT_ONCE = 16

/** Reads objects, several at once, and gives their bytes in the order of the keys. */
export async function* readMany(
  store: ObjectStore,
  keys: readonly string[],
): AsyncIterable<{ readonly key: string; readonly bytes: Uint8Array }> {
  const begun: Promise<Uint8Array>[] = []
  for (const [i, key] of keys.entries()) {
    while (begun.length < Math.min(keys.length, i + AT_ONCE)) {
      const reading = store.get(keys[begun.length] as string)
      // Said when its turn comes; when an earlier one fails, by nobody.
      reading.catch(() => {})
      begun.push(reading)
    }
    const bytes = await (begun[i] as Promise<Uint8Array>)
    begun[i] = NOTHING
    yield { key, bytes }
  }
}

/** In place of what was given on, so that it can be forgotten. */
const NOTHING = Promise.resolve(new Uint8Array(0))
