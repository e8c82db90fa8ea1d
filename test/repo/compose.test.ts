/** `deploy/compose` is not run here, but it says what can be run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestGateway } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { PostgresServer } from '../support/postgres-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ROOT } from './packages.ts'

const folder = join(ROOT, 'deploy/compose')
const text = readFileSync(join(folder, 'compose.yaml'), 'utf8')
type Service = {
  build?: { context: string; dockerfile: string }
  environment?: object
  volumes?: string[]
  depends_on?: object
}
const { services, volumes } = parse(text, { merge: true }) as {
  services: { [name: string]: Service }
  volumes: { [name: string]: null }
}

describe('compose.yaml', () => {
  test('starts two replicas that share one PostgreSQL and one Redis', () => {
    const replicas = Object.values(services).filter(({ build }) => build)
    expect(replicas).toHaveLength(2)
    const [one, two] = replicas.map(({ environment }) => environment)
    expect(one).toEqual(two)
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['postgres', 'redis', 'proxy']))
  })

  test('names only files, volumes and services that there are', () => {
    for (const { build, volumes: mounts = [], depends_on = {} } of Object.values(services)) {
      if (build) expect(() => readFileSync(join(folder, build.context, build.dockerfile))).not.toThrow()
      const needed = Array.isArray(depends_on) ? (depends_on as string[]) : Object.keys(depends_on)
      expect(needed.filter((name) => !(name in services))).toEqual([])
      for (const [source = ''] of mounts.map((mount) => mount.split(':'))) {
        if (source.startsWith('.')) expect(() => readFileSync(join(folder, source))).not.toThrow()
        else expect(volumes).toHaveProperty(source)
      }
    }
  })

  test('gives replicas every variable that their config names', () => {
    const config = readFileSync(join(folder, 'gateway.config.ts'), 'utf8')
    const names = [...config.matchAll(/env\('(\w+)'/g)].map(([, name]) => name!)
    expect(names.filter((name) => !(name in services['sluice-1']!.environment!))).toEqual([])
  })
})

const hasServers = RedisServer.isInstalled() && PostgresServer.isInstalled()
describe.skipIf(!hasServers)('the config of a replica', () => {
  let redis: RedisServer
  let postgres: PostgresServer
  beforeAll(async () => {
    ;[redis, postgres] = await Promise.all([RedisServer.create(), PostgresServer.create()])
    await Promise.all([redis.start(), postgres.start()])
  }, 30_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await Promise.all([redis?.stop(), postgres?.stop()])
  })

  test('boots, and answers who has a key', async () => {
    const environment = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      SLUICE_ADMIN_KEY: 'the-admin-key-of-this-test',
      SLUICE_PEPPER: 'the pepper of this test',
    }
    const { default: config } = (await import(join(folder, 'gateway.config.ts'))) as {
      default: Parameters<typeof createTestGateway>[0]
    }
    await using gateway = await createTestGateway(config, { environment })
    const body = { model: 'echo', messages: [{ role: 'user', content: 'Hello' }] }
    const ask = (headers: { [name: string]: string }) => gateway.request('/v1/chat/completions', { headers, body })
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${environment.SLUICE_ADMIN_KEY}` })).status).toBe(200)
  })
})
