import { EventEmitter, once } from 'node:events'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CorruptError, StorageError } from '@winnow/core'
import type { LogEntry, OrderedLog } from './message-bus.js'

const NEWLINE = 0x0a

/**
 * The order log as a file of lines. An append is flushed to the disk before it counts. A crash can leave half a
 * line at the end; it was never acknowledged, so opening the log cuts it off.
 */
export class FileLog implements OrderedLog {
  private readonly appended = new EventEmitter().setMaxListeners(0)

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly lines: string[],
    private size: number,
  ) {}

  static async open(path: string): Promise<FileLog> {
    try {
      await mkdir(dirname(path), { recursive: true })
      const file = await open(path, 'a+')
      const bytes = await file.readFile()
      const end = bytes.lastIndexOf(NEWLINE) + 1
      if (end < bytes.length) {
        await file.truncate(end)
        await file.sync()
      }
      const text = bytes.subarray(0, end).toString('utf8')
      const lines = text === '' ? [] : text.slice(0, -1).split('\n')
      const empty = lines.indexOf('')
      if (empty >= 0) throw new CorruptError(`${path}: line ${empty + 1} is empty`)
      return new FileLog(file, path, lines, end)
    } catch (error) {
      if (error instanceof CorruptError) throw error
      throw logError('open', path, error)
    }
  }

  async append(value: string): Promise<number> {
    if (value === '' || value.includes('\n'))
      throw new RangeError('a log entry is one line that is not empty')
    const line = Buffer.from(`${value}\n`)
    try {
      await this.file.appendFile(line)
      await this.file.sync()
    } catch (error) {
      // A full disk may have taken half of the line: cut it off, so that the next append begins a new one.
      await this.file.truncate(this.size).catch(() => {})
      throw logError('append to', this.path, error)
    }
    this.size += line.length
    const position = this.lines.push(value) - 1
    this.appended.emit('append')
    return position
  }

  async *read(from: number): AsyncIterable<LogEntry> {
    for (let position = from; position < this.lines.length; position++)
      yield { position, value: this.lines[position] as string }
  }

  async *follow(from: number, signal: AbortSignal): AsyncIterable<LogEntry> {
    for (let position = from; !signal.aborted; ) {
      const value = this.lines[position]
      if (value !== undefined) yield { position: position++, value }
      else await once(this.appended, 'append', { signal }).catch(() => {})
    }
  }

  async close(): Promise<void> {
    await this.file.close()
  }
}

function logError(action: string, path: string, cause: unknown): StorageError {
  const full = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC'
  const reason = full
    ? 'no space left on the device'
    : cause instanceof Error
      ? cause.message
      : String(cause)
  return new StorageError(`cannot ${action} the order log ${path}: ${reason}`, {
    cause,
    hint: full ? 'make room, then run the same command again to go on' : '',
  })
}
