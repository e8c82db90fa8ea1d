import { readFileSync } from 'node:fs'
import { createTestGateway, testPlugin, testProvider } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { expect, test } from 'vitest'
import { compatible, VENDORS, vendorsIn } from '../src/index.ts'
import type { Vendor, VendorName } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const readme = read('../README.md')
const vendors = Object.entries<Vendor>(VENDORS) as [VendorName, Vendor][]
const apiKey = 'sk-test-0123456789'

testPlugin({ test, plugin: compatible({ vendor: 'groq', apiKey }), supporting: [openaiDialect()] })

testProvider({
  test,
  plugin: (options) => compatible({ vendor: 'groq', ...options }),
  dialectPlugin: openaiDialect(),
  model: 'llama-3.3-70b-versatile',
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: '/chat/completions', stream: '/chat/completions' },
})

test('the example of the README boots', async () => {
  expect(readme).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { GROQ_API_KEY: apiKey } })
  expect(gateway.gateway.inspect().providers).toMatchObject([
    { id: 'groq', address: 'https://api.groq.com/openai/v1' },
    { id: 'ollama', address: 'http://127.0.0.1:11434/v1' },
    { id: 'rack-7', address: 'http://10.0.0.7:8000/v1' },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(compatible.definition.version).toBe(version)
})

test('the README lists every vendor with its address, key and offers, in the table’s order, and quotes a line of the table', () => {
  const rows = vendors.map(
    ([name, { baseUrl, env }]) => `| \`${name}\` | ${baseUrl || '–'} | ${env ? `\`${env}\`` : '–'} |`,
  )
  expect(readme).toContain(rows.join('\n'))
  const offers = vendors.map(
    ([name, vendor]) => `| \`${name}\` | ${vendor.offers.map((offer) => `\`${offer}\``).join(', ')} |`,
  )
  expect(readme).toContain(offers.join('\n'))
  const quoted = /```js\n([^`]*)```/.exec(readme)?.[1]
  expect(read('../src/vendors.ts')).toContain(quoted)
})

test.each(vendors)('%s: boots with a key', async (vendor, { baseUrl }) => {
  const address = baseUrl || 'https://api.example.com/v1'
  const plugin = compatible({ vendor, apiKey, ...(baseUrl === '' && { baseUrl: address }) })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const known = { id: vendor, kind: 'wire', dialect: 'openai-chat', address, vendor }
  expect(gateway.gateway.inspect().providers).toEqual([known])
})

test.each(vendors.filter(([, { env }]) => env))(
  '%s: without a key, the error says where it usually is',
  async (vendor, { env }) => {
    const boot = createTestGateway({ plugins: [openaiDialect(), compatible({ vendor })] })
    await expect(boot).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(env!) as string,
    })
  },
)

test.each(vendors.filter(([name, { env }]) => !env && name !== 'custom'))('%s: boots without a key', async (vendor) => {
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), compatible({ vendor })] })
  expect(gateway.gateway.inspect().providers).toMatchObject([{ id: vendor }])
})

test('a vendor that nobody knows needs an address', async () => {
  const boot = createTestGateway({ plugins: [openaiDialect(), compatible({ vendor: 'custom' })] })
  await expect(boot).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('baseUrl') as string,
  })
})

test('every vendor whose key is in the environment can be added at once', async () => {
  const environment = { GROQ_API_KEY: apiKey, MISTRAL_API_KEY: apiKey, XAI_API_KEY: '', OTHER_API_KEY: apiKey }
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), vendorsIn(environment)] }, { environment })
  expect(gateway.gateway.inspect().providers).toMatchObject([{ id: 'groq' }, { id: 'mistral' }])
})
