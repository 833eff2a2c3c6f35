import pc from 'picocolors'
import type { ProgressMode, ProgressView } from './progress.js'

/** `text` for people, `json` one JSON object a line on stdout, `quiet` only problems. */
export type OutputMode = 'text' | 'json' | 'quiet'

/** Everything a command says: results on stdout, the rest on stderr, above the live progress block. */
export class Console {
  private view: ProgressView | undefined

  constructor(private readonly mode: OutputMode) {}

  get progressMode(): ProgressMode {
    if (this.mode !== 'text') return this.mode === 'json' ? 'json' : 'quiet'
    return process.stderr.isTTY ? 'live' : 'plain'
  }

  attach(view: ProgressView): void {
    this.view = view
  }

  note(text: string): void {
    if (this.mode === 'text') this.line(pc.dim(text))
    else if (this.mode === 'json') this.json({ event: 'note', text })
  }

  /** Advice under a result; machines find it in the result itself. */
  hint(text: string): void {
    if (this.mode === 'text') this.line(pc.yellow(text))
  }

  warn(text: string): void {
    if (this.mode === 'json') this.json({ event: 'warning', text })
    else this.line(pc.yellow(text))
  }

  problem(text: string): void {
    if (this.mode === 'json') this.json({ event: 'problem', text })
    else this.line(pc.red(text))
  }

  result({ text, json }: { text: string; json: unknown }): void {
    if (this.mode === 'json') this.json(json)
    else if (this.mode === 'text') process.stdout.write(text)
  }

  private line(text: string): void {
    this.view?.clear()
    process.stderr.write(`${text}\n`)
  }

  private json(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`)
  }
}
