import { createServer } from 'node:net'

/**
 * Ports below the range from which Linux takes the local ports of outgoing connections (32768 and up, ip(7)). A port of
 * that range, free while its server is down, may be taken by a client that tries to reconnect, and the server could not
 * come back to it.
 */
const LOWEST = 20_000
const HIGHEST = 32_000

/** `count` different ports of 127.0.0.1 that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let tried = 0; found.size < count; tried++) {
    if (tried > 1000) throw new Error(`no ${count} free ports from ${LOWEST} to ${HIGHEST}`)
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
