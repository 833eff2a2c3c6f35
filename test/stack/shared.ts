import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { S3Server } from '@winnow/cluster'
import { inject } from 'vitest'
import type { Component } from './start.js'

/** The Kafka of this test run, with a name space of the caller's own. */
export interface SharedKafka {
  readonly brokers: string[]
  /** For `KafkaSettings.topicPrefix`: different at every call. */
  readonly topicPrefix: string
}

/** The S3 server of this test run, with a prefix of the caller's own. */
export interface SharedS3
  extends Pick<S3Server, 'endpoint' | 'region' | 'accessKey' | 'secretKey' | 'bucket'> {
  /** `s3://bucket/prefix`: different at every call. */
  readonly uri: string
  readonly prefix: string
}

/**
 * What keeps `components` from being started on this machine, in one line; undefined if nothing does. For
 * `describe.skipIf(await missingStack('kafka'))`. Fetches them the first time, which may take minutes.
 */
export async function missingStack(...components: Component[]): Promise<string | undefined> {
  for (const component of components) {
    const { missing } = await ask<{ missing?: string }>(`/missing/${component}`)
    if (missing !== undefined) return missing
  }
  return undefined
}

/** One Kafka broker for the whole test run, started when a test first asks. Do not kill it. */
export async function sharedKafka(): Promise<SharedKafka> {
  const { brokers } = await ask<Pick<SharedKafka, 'brokers'>>('/kafka')
  return { brokers, topicPrefix: `${uniqueName()}.` }
}

/** One S3 server for the whole test run, started when a test first asks. Do not kill it. */
export async function sharedS3(): Promise<SharedS3> {
  const server = await ask<Omit<SharedS3, 'uri' | 'prefix'>>('/s3')
  const prefix = uniqueName()
  return { ...server, prefix, uri: `s3://${server.bucket}/${prefix}` }
}

const uniqueName = (): string => `test-${randomBytes(6).toString('hex')}`

/** Asks the process that owns the servers of this run (global-setup.ts). */
function ask<Answer>(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: inject('stackSocket'), path }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        response.statusCode === 200 ? resolve(JSON.parse(body)) : reject(new Error(body)),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}
