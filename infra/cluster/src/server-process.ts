import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How one server is started. */
export interface ServerCommand {
  /** What messages call it, for example `Kafka broker 1`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** File that takes what the server prints, appended to. */
  readonly logFile: string
  /** Throws or gives false while the server is not up. `printed`: what it printed since this start. */
  readonly isUp: (printed: string) => boolean | Promise<boolean>
  /** Milliseconds until a start counts as failed. Default 120 000. */
  readonly startTimeoutMs?: number
}

/**
 * The shell becomes the server (`exec` keeps the process id) after it has started a watcher that waits for the end of
 * a pipe whose other end only this process holds. However this process ends, even by SIGKILL, the pipe closes and the
 * watcher ends the server: no orphan is left. It has a session of its own, so that Ctrl-C reaches only its owner,
 * who stops servers in order.
 */
const DIES_WITH_OWNER =
  'exec 3<&0; (trap "" INT TERM; cat <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'

/** One server as a child process that can be killed, frozen and started again with the same command. */
export class ServerProcess {
  private child: ChildProcess | undefined
  private ended: Promise<void> = Promise.resolve()

  constructor(private readonly command: ServerCommand) {}

  get running(): boolean {
    return this.child !== undefined
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  /** Starts the server and waits until it is up. Does nothing if it runs. */
  async start(): Promise<void> {
    if (this.child !== undefined) return
    const { logFile, startTimeoutMs = 120_000 } = this.command
    const log = openSync(logFile, 'a')
    const from = statSync(logFile).size
    this.launch(log)
    closeSync(log)
    const deadline = Date.now() + startTimeoutMs
    while (!(await this.up(from))) {
      if (this.child === undefined) throw this.failure('ended while it started')
      if (Date.now() > deadline) {
        await this.kill()
        throw this.failure(`was not up after ${startTimeoutMs / 1000} s`)
      }
      await sleep(50)
    }
  }

  /** SIGKILL, as a power cut for this server. Resolves when the process is gone. */
  kill(): Promise<void> {
    return this.end('SIGKILL')
  }

  /** SIGTERM, and SIGKILL when `graceMs` have passed. */
  async stop(graceMs = 10_000): Promise<void> {
    const timer = setTimeout(() => void this.kill(), graceMs)
    await this.end('SIGTERM')
    clearTimeout(timer)
  }

  /** SIGSTOP: the server keeps its connections and answers nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.child?.kill('SIGCONT')
  }

  /** The end of what the server printed, over all its starts. */
  lastLines(count = 20): string {
    return this.printed(0).trim().split('\n').slice(-count).join('\n')
  }

  private launch(log: number): void {
    const { command, args, env } = this.command
    const child = spawn('sh', ['-c', DIES_WITH_OWNER, 'server', command, ...args], {
      stdio: ['pipe', log, log],
      detached: true,
      env: { ...process.env, ...env },
    })
    this.child = child
    child.stdin?.on('error', () => {})
    this.ended = new Promise((resolve) => {
      const over = () => {
        if (this.child === child) this.child = undefined
        child.stdin?.destroy()
        resolve()
      }
      child.once('error', over)
      child.once('exit', over)
    })
    // Neither the server nor the pipe to its watcher keeps the owner alive.
    child.unref()
    if (child.stdin !== null && 'unref' in child.stdin) (child.stdin as { unref(): void }).unref()
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (child === undefined) return
    child.ref()
    child.kill(signal)
    // A frozen process takes a SIGTERM only when it goes on.
    child.kill('SIGCONT')
    await this.ended
  }

  private async up(from: number): Promise<boolean> {
    try {
      return this.child !== undefined && (await this.command.isUp(this.printed(from)))
    } catch {
      return false
    }
  }

  private printed(from: number): string {
    return readFileSync(this.command.logFile).subarray(from).toString('utf8')
  }

  private failure(what: string): Error {
    const { name, logFile } = this.command
    return new Error(`${name} ${what}; ${logFile} ends with:\n${this.lastLines()}`)
  }
}
