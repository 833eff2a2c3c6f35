import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What a proxy does to a request.
 *
 * - `error`: 500 InternalError, the request never reaches the server.
 * - `slow-down`: 503 SlowDown, likewise.
 * - `reset`: the connection is reset before the request is passed on.
 * - `lost-answer`: the server does what is asked, the connection is reset instead of its answer.
 * - `truncate`: the answer ends half way although its length announces more.
 * - `stall`: half of the answer, then silence.
 */
export type Fault = 'error' | 'slow-down' | 'reset' | 'lost-answer' | 'truncate' | 'stall'

/** Decides on a request; undefined passes it on. */
export type FaultChooser = (request: {
  readonly method: string
  readonly url: string
  /** Requests before this one. */
  readonly number: number
}) => Fault | undefined

/** A proxy in front of an S3 server whose answers fail as asked. The Host header is kept: signatures hold. */
export class FaultyProxy {
  /** Requests that came, and the faults done, by kind. */
  readonly counts = { requests: 0, faults: new Map<Fault, number>() }
  private gone = false
  private readonly agent = new Agent({ keepAlive: true })

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    /** Which requests fail: set it at any time. */
    public choose: FaultChooser,
  ) {}

  /** Starts on a free port of 127.0.0.1. `target` is the server's endpoint. */
  static async start(target: string, choose: FaultChooser = () => undefined): Promise<FaultyProxy> {
    const server = createServer()
    const proxy = new FaultyProxy(server, new URL(target), choose)
    server.on('request', (incoming, answer) => proxy.handle(incoming, answer))
    server.on('connection', (socket) => {
      if (proxy.gone) socket.resetAndDestroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** From now on every connection is reset, those that are open too, until `comeBack`. */
  goAway(): void {
    this.gone = true
    this.server.closeAllConnections()
  }

  comeBack(): void {
    this.gone = false
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    this.agent.destroy()
    if (this.server.listening) {
      this.server.close()
      await once(this.server, 'close')
    }
  }

  private handle(incoming: IncomingMessage, answer: ServerResponse): void {
    incoming.on('error', () => {})
    const fault = this.choose({
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      number: this.counts.requests++,
    })
    if (fault !== undefined) this.counts.faults.set(fault, (this.counts.faults.get(fault) ?? 0) + 1)
    if (fault === 'reset') incoming.socket.resetAndDestroy()
    else if (fault === 'error') refuse(incoming, answer, 500, 'InternalError')
    else if (fault === 'slow-down') refuse(incoming, answer, 503, 'SlowDown')
    else this.passOn(incoming, answer, fault)
  }

  private passOn(
    incoming: IncomingMessage,
    answer: ServerResponse,
    fault: Fault | undefined,
  ): void {
    const onward = request(
      {
        host: this.target.hostname,
        port: this.target.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
        agent: this.agent,
      },
      (reply) => {
        if (fault === 'lost-answer') {
          reply.resume().on('end', () => incoming.socket.resetAndDestroy())
          return
        }
        answer.writeHead(reply.statusCode ?? 502, reply.rawHeaders)
        if (fault === 'truncate' || fault === 'stall') sendHalf(reply, answer, fault)
        else reply.pipe(answer)
      },
    )
    // The server is gone itself: so is its answer.
    onward.on('error', () => incoming.socket.resetAndDestroy())
    answer.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, status: number, code: string) {
  // Taken in whole first: a client that is still sending would see a reset instead of this answer.
  incoming.resume().on('end', () => {
    answer.writeHead(status, { 'content-type': 'application/xml' })
    answer.end(
      incoming.method === 'HEAD'
        ? ''
        : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`,
    )
  })
}

function sendHalf(reply: IncomingMessage, answer: ServerResponse, fault: 'truncate' | 'stall') {
  const half = Math.floor(Number(reply.headers['content-length'] ?? 0) / 2)
  let sent = 0
  answer.flushHeaders()
  reply.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, Math.max(0, half - sent))
    sent += chunk.length
    if (part.length > 0) answer.write(part)
  })
  reply.on('end', () => {
    // A moment for what was written to leave: a reset overtakes it.
    if (fault === 'truncate') setTimeout(() => answer.destroy(), 5)
  })
}

/** Repeatable choice: `share` of the requests fail, in one of the given ways, by a small generator with this seed. */
export function failShare(share: number, faults: readonly Fault[], seed = 1): FaultChooser {
  let state = seed >>> 0
  const next = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => (next() < share ? faults[Math.floor(next() * faults.length)] : undefined)
}
