import {
  type BenchmarkRecord,
  exampleId,
  type Passage,
  passagesOf,
  questionFieldNames,
} from './fields.js'

/** One benchmark example: what `explain` and the report call it, and the text to protect. */
export interface BenchmarkExample {
  readonly id: string
  readonly passages: readonly Passage[]
}

/** A record that could not be used. `line` counts from 1. */
export interface RejectedRecord {
  readonly line: number
  readonly problem: string
}

/** A benchmark read from records. `rejected` holds the first of the bad ones, `rejectedCount` how many there were. */
export interface Benchmark {
  readonly name: string
  readonly examples: readonly BenchmarkExample[]
  readonly rejected: readonly RejectedRecord[]
  readonly rejectedCount: number
}

const REJECTED_LISTED = 20

/** Collects records of one benchmark; a bad record is counted and described, never fatal. */
export class BenchmarkReader {
  private readonly examples: BenchmarkExample[] = []
  private readonly rejected: RejectedRecord[] = []
  private rejectedCount = 0
  private line = 0

  /** `fields`: see `passagesOf`. */
  constructor(
    readonly name: string,
    private readonly fields?: readonly string[],
  ) {}

  /** Takes one line of JSONL. Blank lines are nothing. */
  addLine(line: string): void {
    this.line++
    const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line
    if (text.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      this.reject(`not JSON: ${(error as Error).message}`)
      return
    }
    this.take(value)
  }

  /** Takes one record, from Parquet or CSV say. */
  addRecord(record: unknown): void {
    this.line++
    this.take(record)
  }

  finish(): Benchmark {
    const { name, examples, rejected, rejectedCount } = this
    return { name, examples, rejected, rejectedCount }
  }

  private take(value: unknown): void {
    if (typeof value === 'string') value = { text: value }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.reject('neither an object nor a string')
      return
    }
    const record = value as BenchmarkRecord
    const passages = passagesOf(record, this.fields)
    if (passages.length === 0) {
      const looked = this.fields?.join(', ') ?? questionFieldNames()
      const has = Object.keys(record).slice(0, 12).join(', ') || 'none'
      this.reject(`no text in ${looked}; the record has ${has}`)
      return
    }
    this.examples.push({ id: exampleId(record) ?? `#${this.line}`, passages })
  }

  private reject(problem: string): void {
    this.rejectedCount++
    if (this.rejected.length < REJECTED_LISTED) this.rejected.push({ line: this.line, problem })
  }
}

/** A benchmark from the lines of a JSONL file. */
export function benchmarkFromLines(
  name: string,
  lines: Iterable<string>,
  fields?: readonly string[],
): Benchmark {
  const reader = new BenchmarkReader(name, fields)
  for (const line of lines) reader.addLine(line)
  return reader.finish()
}

/** A benchmark from records that are parsed already. */
export function benchmarkFromRecords(
  name: string,
  records: Iterable<unknown>,
  fields?: readonly string[],
): Benchmark {
  const reader = new BenchmarkReader(name, fields)
  for (const record of records) reader.addRecord(record)
  return reader.finish()
}
