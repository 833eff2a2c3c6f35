import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '@winnow/core'
import { afterAll, describe, expect, it } from 'vitest'
import {
  loadClusterConfig,
  loadS3Config,
  namesCluster,
  printableConfig,
} from '../src/cluster-config.js'

const folder = mkdtempSync(join(tmpdir(), 'winnow-cluster-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(text: string): string {
  const path = join(folder, `${files++}.yaml`)
  writeFileSync(path, text)
  return path
}

const STORAGE = 'storage:\n  uri: s3://corpus/english\n'

describe('loadClusterConfig', () => {
  it('needs the storage only, and says how to give it', async () => {
    const config = await loadClusterConfig({ env: { WINNOW_STORAGE_URI: 's3://corpus' } })
    expect(config.kafka.brokers).toEqual(['localhost:9092'])
    expect(config.service).toMatchObject({ port: 9464, graceSeconds: 300 })
    await expect(loadClusterConfig({ env: {} })).rejects.toThrow(
      /storage\.uri: is missing.*WINNOW_STORAGE_URI/,
    )
  })

  it('takes the environment over the file', async () => {
    const config = await loadClusterConfig({
      file: file(`${STORAGE}kafka:\n  brokers: [a:1]\n  replication: 3\n`),
      env: {
        WINNOW_KAFKA_BROKERS: 'b:9092, [::1]:9093',
        WINNOW_S3_FORCE_PATH_STYLE: 'true',
        WINNOW_HTTP_PORT: '0',
        WINNOW_LOG_LEVEL: '',
      },
    })
    expect(config.kafka).toMatchObject({ brokers: ['b:9092', '[::1]:9093'], replication: 3 })
    expect(config.storage.forcePathStyle).toBe(true)
    expect(config.service).toMatchObject({ port: 0, logLevel: 'info' })
  })

  it('takes a certificate as TLS being on', async () => {
    const { kafka } = await loadClusterConfig({
      env: {
        WINNOW_KAFKA_SSL_CA: 'ca.pem',
        WINNOW_KAFKA_SSL: 'true',
        WINNOW_STORAGE_URI: 's3://corpus',
      },
    })
    expect(kafka.ssl).toMatchObject({ ca: 'ca.pem' })
  })

  for (const [text, env, message] of [
    [`${STORAGE}kafka:\n  brokers: [kafka]\n`, {}, /yaml:4: kafka\.brokers\.0: host:port/],
    [
      `${STORAGE}service:\n  port: 9\n  logLevel: loud\n`,
      {},
      /yaml:5: service\.logLevel: must be one of debug, info, warn, error/,
    ],
    [`${STORAGE}servce: 1\n`, {}, /yaml:3: servce: there is no such setting/],
    ['storage:\n  uri: corpus\n', {}, /yaml:2: storage\.uri: must be s3:\/\//],
    [STORAGE, { WINNOW_HTTP_PORT: 'http' }, /^WINNOW_HTTP_PORT: service\.port: must be a number/],
    [
      STORAGE,
      { WINNOW_KAFKA_BROKERS: 'a:1,b' },
      /^WINNOW_KAFKA_BROKERS: kafka\.brokers\.1: host:port/,
    ],
    [STORAGE, { WINNOW_KAFKA_SSL: 'yes' }, /^WINNOW_KAFKA_SSL: kafka\.ssl: must be true or false/],
    [
      STORAGE,
      { WINNOW_KAFKA_SASL_MECHANISM: 'kerberos' },
      /^WINNOW_KAFKA_SASL_MECHANISM: kafka\.sasl\.mechanism: must be one of plain, scram/,
    ],
    [STORAGE, { WINNOW_BROKERS: 'a:1' }, /no setting WINNOW_BROKERS/],
    [STORAGE, { WINNOW_KAFKA_PORT: '9092' }, /no setting WINNOW_KAFKA_PORT/],
    [
      `${STORAGE}kafka:\n  sasl:\n    mechanism: plain\n`,
      {},
      /kafka\.sasl\.username: must be text/,
    ],
  ] as const)
    it(`refuses with ${message}`, async () => {
      const error = await loadClusterConfig({ file: file(text), env }).catch((reason) => reason)
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).toMatch(message)
    })

  it('lets pass what Kubernetes sets for Services whose names begin so', async () => {
    await loadClusterConfig({
      env: {
        WINNOW_STORAGE_URI: 's3://corpus',
        WINNOW_METRICS_SERVICE_HOST: '10.0.0.7',
        WINNOW_METRICS_SERVICE_PORT_HTTP: '9464',
        WINNOW_METRICS_PORT: 'tcp://10.0.0.7:9464',
        WINNOW_METRICS_PORT_9464_TCP_ADDR: '10.0.0.7',
      },
    })
  })
})

describe('secrets', () => {
  const SASL = `${STORAGE}kafka:\n  sasl:\n    mechanism: scram-sha-512\n    username: winnow\n`

  it('come from the environment, never from the file', async () => {
    await expect(
      loadClusterConfig({ file: file(`${SASL}    password: hunter2\n`), env: {} }),
    ).rejects.toThrow(/no place for a password/)
    await expect(loadClusterConfig({ file: file(SASL), env: {} })).rejects.toThrow(/no password/)
    const config = await loadClusterConfig({
      file: file(SASL),
      env: { WINNOW_KAFKA_PASSWORD: 'hunter2' },
    })
    expect(config.kafka.sasl).toMatchObject({ username: 'winnow', password: 'hunter2' })
  })

  it('are not printed', async () => {
    const config = await loadClusterConfig({
      file: file(SASL),
      env: {
        WINNOW_KAFKA_PASSWORD: 'hunter2',
        WINNOW_S3_ENDPOINT: 'https://key:hunter2@s3.example.org',
        WINNOW_METRICS_URL: 'http://me:hunter2@metrics:9464',
      },
    })
    const printed = JSON.stringify(printableConfig(config))
    expect(printed).not.toContain('hunter2')
    expect(printed).toContain('s3.example.org')
    expect(printed).toContain('"username":"winnow"')
  })

  it('are not part of an error', async () => {
    const error = await loadClusterConfig({
      file: file(SASL),
      env: { WINNOW_KAFKA_PASSWORD: 'hunter2', WINNOW_HTTP_PORT: 'x' },
    }).catch((reason) => reason)
    expect(error.message + error.hint).not.toContain('hunter2')
  })
})

it('namesCluster tells a cluster by the variables or the file', async () => {
  expect(await namesCluster(undefined, {})).toBe(false)
  expect(await namesCluster(undefined, { WINNOW_KAFKA_BROKERS: 'a:1' })).toBe(true)
  expect(await namesCluster(file(STORAGE), {})).toBe(true)
  expect(await namesCluster(file('quality: {}\n'), {})).toBe(false)
})

describe('loadS3Config', () => {
  it('needs neither brokers nor storage.uri, and leaves what nobody says to the SDK', async () => {
    expect(await loadS3Config({ env: {} })).toEqual({})
    expect(await loadS3Config({ env: { WINNOW_KAFKA_BROKERS: 'a:1' } })).toEqual({})
  })

  it('takes the environment over the file', async () => {
    const config = file(
      `${STORAGE}  endpoint: https://s3.example.org\n  forcePathStyle: true\nkafka:\n  brokers: [a:1]\n`,
    )
    const env = { WINNOW_S3_REGION: 'eu', WINNOW_S3_ENDPOINT: 'http://localhost:9000' }
    expect(await loadS3Config({ file: config, env })).toEqual({
      endpoint: 'http://localhost:9000',
      region: 'eu',
      forcePathStyle: true,
    })
  })

  it('names what is wrong', async () => {
    await expect(loadS3Config({ env: { WINNOW_S3_ENDPOINT: 'here' } })).rejects.toThrow(
      /WINNOW_S3_ENDPOINT: storage\.endpoint: must be a URL/,
    )
  })
})
