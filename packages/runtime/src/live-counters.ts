const DOCUMENTS = 0
const BYTES = 1
const INPUT_BYTES = 2

/** What the extractors of all threads have done so far, also of shards still in work; for progress displays. */
export class LiveCounters {
  private readonly values: BigInt64Array

  /** @param shared memory that all threads see, from the counters of another thread */
  constructor(readonly shared = new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.values = new BigInt64Array(shared)
  }

  /** A document was extracted from `bytes` bytes of HTML or text. */
  addDocument(bytes: number): void {
    Atomics.add(this.values, DOCUMENTS, 1n)
    Atomics.add(this.values, BYTES, BigInt(bytes))
  }

  /** Stored bytes of an input split are done with. */
  addInput(bytes: number): void {
    Atomics.add(this.values, INPUT_BYTES, BigInt(bytes))
  }

  read(): { documents: number; bytes: number; inputBytes: number } {
    const at = (index: number) => Number(Atomics.load(this.values, index))
    return { documents: at(DOCUMENTS), bytes: at(BYTES), inputBytes: at(INPUT_BYTES) }
  }
}
