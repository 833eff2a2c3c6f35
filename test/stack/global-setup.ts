import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Component, prepare, startKafka, startS3 } from './start.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Unix socket on which the process that owns this run's servers answers. */
    stackSocket: string
  }
}

/**
 * Owns the servers that the test files of a run share. Nothing is started until a test file asks, so a run without such
 * tests costs nothing. Tests reach it over a Unix socket: they run in processes of their own, which come and go.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: { stop(): Promise<void> }[] = []
  const kept = async <S extends { stop(): Promise<void> }>(server: Promise<S>): Promise<S> => {
    started.push(await server)
    return server
  }
  const answers: Record<string, () => Promise<unknown>> = {
    '/missing/kafka': once(() => missing('kafka')),
    '/missing/s3': once(() => missing('s3')),
    '/kafka': once(() => kept(prepare('kafka').then(() => startKafka()))),
    '/s3': once(() => kept(prepare('s3').then(() => startS3()))),
  }
  const folder = mkdtempSync(join(tmpdir(), 'winnow-stack-'))
  const socket = join(folder, 'socket')
  const server = await listen(socket, answers)
  project.provide('stackSocket', socket)
  return async () => {
    server.close()
    server.closeAllConnections()
    await Promise.all(started.map((each) => each.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Says once per run what is missing. */
async function missing(component: Component): Promise<{ missing?: string }> {
  const reason = await prepare(component)
  if (reason === undefined) return {}
  const name = { kafka: 'Kafka', s3: 'S3' }[component]
  console.warn(`tests that need a real ${name} are skipped: ${reason}`)
  return { missing: reason }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

async function listen(
  socket: string,
  answers: Record<string, () => Promise<unknown>>,
): Promise<Server> {
  const server = createServer(async (asked, response) => {
    try {
      response.end(JSON.stringify(await answers[asked.url ?? '']?.()))
    } catch (error) {
      response.statusCode = 500
      response.end(String(error))
    }
  })
  // The first fetch of a component may take minutes.
  server.requestTimeout = 0
  server.unref()
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return server
}
