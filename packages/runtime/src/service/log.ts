import { WinnowError } from '@winnow/core'
import { type Logger, pino, stdTimeFunctions } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * What a line may carry besides its message: names, numbers and errors, never the text of a document. Which is why
 * there is no field for arbitrary values, and long strings are cut.
 */
export interface LogFields {
  readonly run?: string
  readonly shard?: string
  readonly stage?: string
  readonly error?: unknown
  readonly [name: string]: unknown
}

/** One JSON object a line: time, level, service, message and fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log whose lines all carry these fields. */
  child(fields: LogFields): Log
}

/** Bytes of a string in a line: enough for any URI, too little for a document. */
const LONGEST = 2_000

/** @param to where the lines go; stdout by default, written before the call returns so that a crash loses none. */
export function createLog(
  service: string,
  level: LogLevel,
  to?: { write(line: string): void },
): Log {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return wrap(
    to === undefined ? pino(options, pino.destination({ dest: 1, sync: true })) : pino(options, to),
  )
}

function wrap(logger: Logger): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      logger[level](printable(fields), cut(message))
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger.child(printable(fields))),
  }
}

function printable(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    out[name] = value instanceof Error ? describeError(value) : plain(value)
  }
  return out
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`
  return value
}

function describeError(error: Error): Record<string, unknown> {
  if (error instanceof WinnowError) {
    const { code, hint } = error
    return { code, message: cut(error.message), ...(hint === '' ? {} : { hint: cut(hint) }) }
  }
  // Something unforeseen: where it came from is what helps.
  const code = (error as NodeJS.ErrnoException).code
  return {
    ...(code === undefined ? {} : { code }),
    message: cut(error.message),
    stack: cut(error.stack ?? ''),
  }
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`
}
