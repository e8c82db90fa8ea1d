/** Ways to run the gateway: one process, several workers, two replicas. Each is what `sluice start` makes of a config. */
import { Folder, Sluice } from '../../../core/test/cli/cli.ts'
import { PostgresServer } from '../../support/postgres-server.ts'
import { RedisServer } from '../../support/redis-server.ts'

export const ADMIN_KEY = 'the-admin-key-of-these-tests'

export interface Deployment extends AsyncDisposable {
  urls: string[]
}

/** Numbers are so that one in a day comes back slower than a test ends. */
const configOf = (upstream: string, workers: number, stores: string): string => `
  import { apiKeys } from '@sluice/auth-keys'
  import { defineConfig } from '@sluice/core'
  import { openaiDialect } from '@sluice/dialect-openai'
  import { budgets } from '@sluice/limit-budget'
  import { rateLimit } from '@sluice/limit-rate'
  import { compatible } from '@sluice/provider-compatible'
  import { postgresStore } from '@sluice/store-postgres'
  import { redisStore } from '@sluice/store-redis'
  import { sqliteStore } from '@sluice/store-sqlite'
  import { ledger } from '@sluice/usage-ledger'
  import { prices } from '@sluice/usage-prices'

  const about = { inputPrice: 10, outputPrice: 40 }
  export default defineConfig({
    server: { workers: ${workers}, logLevel: 'fatal' },
    capabilities: { Counters: '${stores.includes('redisStore') ? 'store-redis' : 'store-sqlite'}' },
    models: { requests: 'mock/m', tokens: 'mock/m', money: { targets: [{ target: 'mock/m', about }] } },
    plugins: [
      openaiDialect(),
      compatible({ vendor: 'custom', baseUrl: '${upstream}' }, { id: 'mock' }),
      ${stores},
      apiKeys({ adminKey: '${ADMIN_KEY}', firstKeys: false, pepper: 'a pepper that all replicas have' }),
      rateLimit({
        rules: [
          { name: 'requests', match: { models: ['requests'] }, requests: '1000/day' },
          { name: 'tokens', match: { models: ['tokens'] }, tokens: '100000/day' },
        ],
      }),
      budgets({ rules: [{ name: 'money', match: { models: ['money'] }, amount: 1, period: 'total' }] }),
      prices(),
      ledger({ interval: '20ms' }),
    ],
  })
`

async function started(folders: Folder[], configs: string[], also: AsyncDisposable[] = []): Promise<Deployment> {
  const gateways = configs.map((config) => {
    const folder = new Folder({ 'gateway.config.ts': config })
    folders.push(folder)
    return new Sluice(folder, 'start', '--port', '0')
  })
  return {
    urls: await Promise.all(gateways.map((gateway) => gateway.ready())),
    async [Symbol.asyncDispose]() {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
      for (const folder of folders) folder[Symbol.dispose]()
      for (const each of also) await each[Symbol.asyncDispose]()
    },
  }
}

export const oneProcess = (upstream: string): Promise<Deployment> =>
  started([], [configOf(upstream, 1, 'sqliteStore()')])

export const fourWorkers = (upstream: string): Promise<Deployment> =>
  started([], [configOf(upstream, 4, 'sqliteStore()')])

export async function twoReplicas(upstream: string): Promise<Deployment> {
  const [redis, postgres] = await Promise.all([RedisServer.create(), PostgresServer.create()])
  await Promise.all([redis.start(), postgres.start()])
  const stores = `redisStore({ url: '${redis.url}', deadline: '10s' }), postgresStore({ url: '${postgres.url}' })`
  const config = configOf(upstream, 1, stores)
  return started([], [config, config], [redis, postgres])
}
