import { decodeLogLine, OrderLog } from '@winnow/dedup'
import { indexLayout, type ObjectStore } from '@winnow/storage'

/** Where the order log can be read by whoever does not follow it. */
export interface LogView {
  /** The log up to at least the shard's entry. Throws RangeError when the log does not hold it. */
  upTo(run: string, shard: string): Promise<OrderLog>
}

const NEWLINE = 0x0a
const READ_BYTES = 4 << 20

/** The order log in the folder of an index. What was read once is kept. */
export class LogFileView implements LogView {
  private readonly log = new OrderLog()
  private offset = 0
  private lines = 0
  private reading: Promise<void> = Promise.resolve()

  constructor(private readonly index: ObjectStore) {}

  async upTo(run: string, shard: string): Promise<OrderLog> {
    if (this.log.find(run, shard) === undefined) {
      this.reading = this.reading.catch(() => {}).then(() => this.readOn())
      await this.reading
    }
    if (this.log.find(run, shard) === undefined)
      throw new RangeError(`shard ${shard} of run ${run} is not in the order log`)
    return this.log
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const bytes = await this.index.read(indexLayout.orderLog, this.offset, READ_BYTES)
      const end = bytes.lastIndexOf(NEWLINE) + 1
      if (end === 0) return
      for (const line of Buffer.from(bytes.subarray(0, end - 1))
        .toString('utf8')
        .split('\n'))
        this.log.append(decodeLogLine(line, `line ${++this.lines} of the order log`))
      this.offset += end
    }
  }
}
