import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StorageError } from '@winnow/core'

/** `true`, or the reason why not. */
export type Condition = () => true | string | Promise<true | string>

/** What an address answers. */
export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Addresses and what answers there. */
export type Pages = Readonly<Record<string, (request: IncomingMessage) => Page | Promise<Page>>>

/** A JSON page. */
export function jsonPage(value: unknown, status = 200): Page {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` }
}

/** `200 {"ok":true}`, or `503` with the reason. */
export async function conditionPage(condition: Condition): Promise<Page> {
  let state: true | string
  try {
    state = await condition()
  } catch (error) {
    state = error instanceof Error ? error.message : String(error)
  }
  return state === true ? jsonPage({ ok: true }) : jsonPage({ ok: false, reason: state }, 503)
}

/** A small HTTP server for probes and scrapes. It holds no connection open when it closes. */
export class HealthServer {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async listen(host: string, port: number, pages: Pages): Promise<HealthServer> {
    const server = createServer((request, response) => void answer(pages, request, response))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(host, port, cause)))
      server.listen(port, host, resolve)
    })
    return new HealthServer(server, (server.address() as AddressInfo).port)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }
}

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] as string
  const known = Object.hasOwn(pages, path) ? pages[path] : undefined
  let page: Page
  if (request.method !== 'GET' && request.method !== 'HEAD')
    page = jsonPage({ error: 'only GET is answered' }, 405)
  else if (known === undefined)
    page = jsonPage({ error: 'no such page', pages: Object.keys(pages) }, 404)
  else
    try {
      page = await known(request)
    } catch (error) {
      page = jsonPage({ error: error instanceof Error ? error.message : String(error) }, 500)
    }
  response.writeHead(page.status, { 'content-type': page.type, 'cache-control': 'no-store' })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): StorageError {
  return new StorageError(`cannot listen on ${host}:${port}: ${cause.message}`, {
    cause,
    hint:
      cause.code === 'EADDRINUSE'
        ? 'another process has this port: choose one with service.port or WINNOW_HTTP_PORT'
        : 'check service.host and service.port',
  })
}
