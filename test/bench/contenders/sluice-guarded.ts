/**
 * Sluice with what an operator needs who lets others in: keys, limits, budgets, prices, a ledger. Counters are in
 * SQLite, or in the Redis of `REDIS_URL`. `KEYS` is how many keys there are besides the client's, which goes into
 * `KEY_FILE`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiKeys } from '@sluice/auth-keys'
import { createGateway, definePlugin, defineConfig } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { budgets } from '@sluice/limit-budget'
import { rateLimit } from '@sluice/limit-rate'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import { Store } from '@sluice/store-kit'
import { redisStore } from '@sluice/store-redis'
import { sqliteStore } from '@sluice/store-sqlite'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import { oneForm } from '../../support/one-form.ts'
import { MODELS } from '../wires.ts'

const { UPSTREAM: upstream = '', PORT, REDIS_URL: redis, KEYS = '100', KEY_FILE = '', REDIS_PID } = process.env
const apiKey = 'sk-bench-upstream'
const data = mkdtempSync(join(tmpdir(), 'sluice-bench-'))

let store: Store | undefined
const peek = definePlugin({
  name: 'store-peek',
  version: '1.0.0',
  api: 1,
  requires: [Store],
  setup({ get }) {
    store = get(Store)
  },
})

/** Keys nobody uses. */
async function addKeys(count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, index) => {
    const id = `B${String(index).padStart(11, '0')}`
    const value = { name: `other ${index}`, roles: ['client'], hash: 'A'.repeat(43) + '=', prefix: 'sk-sluice-B000…' }
    return store!.put('keys', `key_${id}`, { ...value, createdAt: new Date().toISOString(), createdBy: 'bench' })
  })
  await Promise.all(made)
}

const gateway = await createGateway(
  defineConfig({
    server: { port: Number(PORT), data },
    capabilities: { Counters: redis ? 'store-redis' : 'store-sqlite', Cache: 'store-sqlite' },
    models: {
      [MODELS['openai-chat']]: `openai/${MODELS['openai-chat']}`,
      [MODELS.anthropic]: `anthropic/${MODELS.anthropic}`,
    },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      oneForm(openai({ apiKey, baseUrl: `${upstream}/v1` })),
      anthropic({ apiKey, baseUrl: upstream }),
      sqliteStore({ queueSize: '1gb' }),
      redis && redisStore({ url: redis }),
      peek(),
      apiKeys(),
      rateLimit({ rules: [{ name: 'speed', per: ['key'], requests: '1000m/min', tokens: '1000m/min' }] }),
      budgets({ rules: [{ name: 'money', per: ['key'], amount: 1_000_000, period: 'day' }] }),
      prices({ prices: { '*': { input: 1, output: 1 } } }),
      ledger(),
    ],
  }),
)
const [, clientKey = ''] = /client +(\S+)/.exec(gateway.announcements()[0]?.text ?? '') ?? []
await addKeys(Number(KEYS))
await gateway.refresh() // all keys are read when a config is applied
await gateway.listen()
writeFileSync(KEY_FILE, clientKey)
process.once('SIGTERM', () => {
  void gateway.close().then(() => {
    rmSync(data, { recursive: true })
    rmSync(KEY_FILE)
    if (REDIS_PID) process.kill(Number(readFileSync(REDIS_PID, 'utf8')))
    process.exit()
  })
})
