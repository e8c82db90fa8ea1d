/** Secrets are planted everywhere, everything goes wrong that can, and then everything that was said is searched. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jwtAuth } from '@sluice/auth-jwt'
import { apiKeys } from '@sluice/auth-keys'
import { definePlugin, env, GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { TestReply } from '@sluice/core/testing'
import { openai } from '@sluice/provider-openai'
import { postgresStore } from '@sluice/store-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../repo/packages.ts'
import { ADMIN_KEY, houseConfig, MASTER_KEY, openHouse, UPSTREAM_KEY } from './support/house.ts'
import type { House, Made } from './support/house.ts'
import { DEED_MODELS, impatiently, questions, telling } from './support/traffic.ts'

const PEPPER = 'planted-pepper-0123456789abcdef'
const JWT_SECRET = 'planted-jwt-client-secret-0123456789'
const DATABASE_PASSWORD = 'planted/database@password-0123'
const STORED_SECRET = 'planted-stored-secret-0123456789'
const ANOTHER_KEY = 'planted-another-upstream-key-0123456789'
const PROMPT = 'planted-prompt-0123456789'
/** Asked of what keeps its answers. */
const KEPT_PROMPT = 'planted-kept-prompt-0123456789'

const data = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
const environment = { SLUICE_ADMIN_KEY: ADMIN_KEY, PEPPER, JWT_SECRET }
const refusals: string[] = []
const problems: string[] = []
let admin = ''
let openapi = ''
let inspection = ''
let house: House
let client: Made
let revoked: Made
let rotated = ''

/** Breaks wherever a request says so, and tells what it has seen. */
const clumsy = definePlugin({
  name: 'test-clumsy',
  version: '1.0.0',
  api: 1,
  setup({ hooks, log }) {
    const stumble = (hook: string, { headers }: { headers: { [name: string]: unknown } }): undefined => {
      log.trace({ headers }, 'the headers of a request')
      if (headers['x-stumble'] !== hook) return undefined
      throw Object.assign(new Error(`a crash in ${hook}, with ${UPSTREAM_KEY}`), { headers, request: { headers } })
    }
    hooks.authorize.tap('stumble', (exchange) => stumble('authorize', exchange))
    hooks.beforeAttempt.tap('stumble', (_, exchange) => stumble('beforeAttempt', exchange))
    hooks.onResponse.tap('stumble', (_, exchange) => stumble('onResponse', exchange))
    hooks.onComplete.tap('stumble', (exchange) => stumble('onComplete', exchange))
  },
})

function note({ status, headers, text }: TestReply): void {
  if (status >= 400) refusals.push(`${JSON.stringify(headers)} ${text}`)
}

async function ask(
  path: string,
  init: { headers?: { [name: string]: string }; body?: JsonObject; method?: string },
): Promise<void> {
  note(await house.gateway.request(path, init))
}

beforeAll(async () => {
  house = await openHouse({
    environment,
    server: { data, logLevel: 'trace' },
    // Whoever tries again would only take longer.
    without: ['auth-keys', 'route-resilience'],
    plugins: [
      apiKeys({ adminKey: env('SLUICE_ADMIN_KEY'), pepper: env('PEPPER') }),
      jwtAuth({
        issuer: 'http://127.0.0.1:1',
        audience: ['sluice'],
        introspection: {
          clientId: 'sluice',
          clientSecret: env('JWT_SECRET'),
          prefix: 'opaque-',
          url: 'http://127.0.0.1:1',
        },
      }),
      // Nobody listens there.
      openai({ apiKey: ANOTHER_KEY, baseUrl: 'http://127.0.0.1:1' }, { id: 'unreachable' }),
      clumsy(),
    ],
  })
  house.upstream.reply(telling)
  client = await house.make({ metadata: { note: 'x' } })
  revoked = await house.make()
  note(await house.call('POST', `/admin/v1/keys/${revoked.id}/revoke`))
  rotated = ((await house.call('POST', `/admin/v1/keys/${(await house.make()).id}/rotate`, {})).json() as Made).key
  await askModels()
  await askBadly()
  await operate()
  await reloadBadly()
  await house.gateway.close()
}, 30_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(data, { recursive: true, force: true })
})

async function askModels(): Promise<void> {
  const headers = { authorization: `Bearer ${client.key}` }
  const asked = DEED_MODELS.flatMap((model) =>
    [false, true].flatMap((stream) =>
      questions(`openai/${model}`, PROMPT, stream).map(({ path, body }) =>
        model === 'silent' ? impatiently(house, path, client.key, body) : ask(path, { headers, body }),
      ),
    ),
  )
  await Promise.all(asked)
  await ask('/v1/responses', { headers, body: { model: 'echo', input: KEPT_PROMPT } })
  const [chat] = questions('unreachable/any', PROMPT, false)
  await ask(chat!.path, { headers, body: chat!.body })
  for (const hook of ['authorize', 'beforeAttempt', 'onResponse', 'onComplete']) {
    const stumbling = { ...headers, 'x-stumble': hook }
    await ask(chat!.path, { headers: stumbling, body: { ...chat!.body, model: 'openai/fine' } })
    await ask('/admin/v1/me', { headers: stumbling })
  }
}

/** Keys in all places, good ones and bad ones. */
async function askBadly(): Promise<void> {
  const near = `${client.key.slice(0, 22)}${'w'.repeat(36)}`
  for (const key of [client.key, rotated, revoked.key, near, ADMIN_KEY, `opaque-${near}`]) {
    const places: { [name: string]: string }[] = [
      { authorization: `Bearer ${key}` },
      { 'x-api-key': key },
      { 'api-key': key, 'x-goog-api-key': key },
      { authorization: `Bearer ${key}`, 'x-api-key': near },
    ]
    for (const headers of places) {
      await ask('/v1/models', { headers })
      await ask('/nowhere', { headers })
      await ask('/admin/v1/keys?limit=x', { headers })
      await ask('/passthrough/openai/models?a=1', { headers })
      await ask('/admin/v1/keys', { headers, body: { name: 'x', roles: ['admin'], unknown: key } })
    }
    for (const path of [
      '/v1/models',
      '/nowhere',
      '/admin/v1/me',
      '/passthrough/openai/files',
      '/v1beta/models',
      '/v1/files',
    ])
      await ask(`${path}?key=${key}&x=1`, {})
    await ask('/v1/messages', { headers: places[0]!, method: 'PUT' })
  }
}

async function operate(): Promise<void> {
  const secret = { name: 'vendor', value: STORED_SECRET, description: 'x' }
  note(await house.call('POST', '/admin/v1/secrets', secret))
  note(await house.call('POST', '/admin/v1/secrets', { ...secret, name: 'not a name' }))
  note(await house.call('PATCH', '/admin/v1/secrets/vendor', { value: STORED_SECRET.repeat(400) }))
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'idempotency-key': 'once' }
  await house.gateway.request('/admin/v1/keys', { headers, body: { name: 'again' } })
  const reads = house.routes.filter(({ method }) => method === 'get').map(({ path }) => path.replace(':id', client.id))
  for (const path of reads) {
    const reply = await house.call('GET', path)
    note(reply)
    admin += reply.text
    if (path === '/admin/openapi.json') openapi = reply.text
  }
  inspection = JSON.stringify(house.gateway.gateway.inspect())
}

/** Configs that are refused, with secrets where they do not belong. */
async function reloadBadly(): Promise<void> {
  const password = encodeURIComponent(DATABASE_PASSWORD)
  const quick = { connectTimeout: '100ms' }
  const wrong = [
    openai({ apiKey: UPSTREAM_KEY, baseUrl: 7 as never }, { id: 'wrong' }),
    openai({ apiKey: { [UPSTREAM_KEY]: UPSTREAM_KEY } as never }, { id: 'wrong' }),
    openai({ apiKey: UPSTREAM_KEY, headers: UPSTREAM_KEY as never }, { id: 'wrong' }),
    apiKeys({ adminKey: `${ADMIN_KEY} with a space`, pepper: PEPPER }, { id: 'wrong' }),
    apiKeys({ pepper: [PEPPER] as never }, { id: 'wrong' }),
    apiKeys({ adminKey: ADMIN_KEY, pepper: `another ${PEPPER}` }, { id: 'wrong' }),
    postgresStore({ ...quick, url: `postgres://sluice:${password}@127.0.0.1:1/x` }, { id: 'wrong' }),
    postgresStore({ ...quick, url: 'postgres://sluice@127.0.0.1:1/x', password: DATABASE_PASSWORD }, { id: 'wrong' }),
    postgresStore({ ...quick, url: `mysql://sluice:${password}@127.0.0.1:1/x` }, { id: 'wrong' }),
    postgresStore({ ...quick, url: `postgres://sluice:${password}@[/x` }, { id: 'wrong' }),
  ]
  const capabilities = { Store: 'store-sqlite', Counters: 'store-sqlite', Journal: 'store-sqlite' }
  for (const plugin of wrong) {
    const config = houseConfig(house.upstream.url, { server: { data, logLevel: 'trace' }, plugins: [plugin] })
    const error: unknown = await house.gateway.gateway
      .reload({ ...config, capabilities })
      .catch((thrown: unknown) => thrown)
    expect(GatewayError.is(error)).toBe(true)
    const { message, problems: all, stack = '' } = error as GatewayError
    problems.push(message, ...all, stack)
  }
}

/** Of a key, what nobody else has. */
const secretOf = ({ key }: Pick<Made, 'key'>): string => key.slice(22)

function secrets(): { [name: string]: string } {
  return {
    'admin key': ADMIN_KEY,
    'upstream credential': UPSTREAM_KEY,
    'credential of an upstream that is out of reach': ANOTHER_KEY,
    'master key': MASTER_KEY,
    pepper: PEPPER,
    'client secret of the token issuer': JWT_SECRET,
    'password of the database': DATABASE_PASSWORD,
    'password of the database, as in its url': encodeURIComponent(DATABASE_PASSWORD),
    'stored secret': STORED_SECRET,
    key: secretOf(client),
    'revoked key': secretOf(revoked),
    'rotated key': rotated.slice(22),
  }
}

const found = (text: string, wanted = secrets()): string[] =>
  Object.entries(wanted).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []))

/** Where secrets are told, the first of them. */
function leaks(texts: readonly string[], wanted = secrets()): string[] {
  const all = texts.flatMap((text) => found(text, wanted).map((name) => `${name}: …${around(text, wanted[name]!)}…`))
  return all.slice(0, 10)
}

function around(text: string, secret: string): string {
  const at = text.indexOf(secret)
  return text.slice(Math.max(0, at - 150), at + secret.length + 50)
}

describe('no secret is in', () => {
  test('the log, however much is logged', () => {
    const { entries } = house.gateway.log
    expect(entries.length).toBeGreaterThan(300)
    expect(entries.some(({ level }) => level === 'trace')).toBe(true)
    expect(leaks(entries.map((entry) => JSON.stringify(entry)))).toEqual([])
  })

  test('refusals', () => {
    expect(refusals.length).toBeGreaterThan(300)
    expect(leaks(refusals)).toEqual([])
  })

  test('what operators are shown', () => {
    expect(admin.length).toBeGreaterThan(20_000)
    expect(found(admin)).toEqual([])
    expect(found(openapi)).toEqual([])
    expect(found(inspection)).toEqual([])
  })

  test('what is said of a config that is refused', () => {
    expect(problems.length).toBeGreaterThan(20)
    expect(leaks(problems)).toEqual([])
  })

  test('files', () => {
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(data, name)).isFile(),
    )
    expect(files).toContain('sluice.db')
    const told = files.map((name) => [name, found(readFileSync(join(data, name), 'latin1'))])
    expect(told.filter(([, names]) => names!.length > 0)).toEqual([])
  })
})

test('no prompt is in the log, the ledger, the audit trail or anywhere on disk but where answers are kept', () => {
  const prompts = { prompt: PROMPT, 'kept prompt': KEPT_PROMPT }
  const lines = house.gateway.log.entries.map((entry) => JSON.stringify(entry))
  expect(leaks(lines, prompts)).toEqual([])
  expect(found(admin, prompts)).toEqual([])
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(data, name)).isFile(),
  )
  const disk = files.map((name) => readFileSync(join(data, name), 'latin1')).join('\n')
  expect(found(disk, prompts)).toEqual(['kept prompt'])
})

test('no secret is in what the command line tells', () => {
  const file = join(data, 'gateway.config.ts')
  writeFileSync(
    file,
    `import { houseConfig } from '${join(ROOT, 'test/security/support/house.ts')}'
     export default houseConfig('http://127.0.0.1:1', { server: { data: '${join(data, 'cli')}' } })`,
  )
  const args = [join(ROOT, 'core/src/cli/main.ts'), 'inspect', '--config', file]
  const env = { ...process.env, ...environment }
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
  expect(stdout).toContain('auth-keys')
  expect(found(stdout + stderr)).toEqual([])
})
