import { describe, expect, test } from 'vitest'
import type { GatewayInspection } from '../../src/inspect.ts'
import { configOf, ECHO, Folder, PATIENCE, sluice } from './cli.ts'

describe.concurrent('usage', { timeout: PATIENCE }, () => {
  test.for([
    { args: ['frobnicate'], says: /unknown command/ },
    { args: [], says: /Usage: sluice/ },
    { args: ['start', '--frobnicate'], says: /unknown option/ },
    { args: ['start', '--port', 'high'], says: /0 to 65535/ },
    { args: ['start', '--config'], says: /argument missing/ },
    { args: ['check', 'too', 'much'], says: /too many arguments/ },
    { args: ['create', 'plugin'], says: /missing required argument/ },
    { args: ['create', 'plugin', 'Limit'], says: /kind and a name/ },
    { args: ['create', 'plugin', 'house-rate'], says: /first word is one of .*limit/ },
  ])('sluice $args is wrong and ends with 2', async ({ args, says }) => {
    using folder = new Folder()
    const { code, stdout, stderr } = await sluice(folder, ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(says)
  })

  test.for([['--help'], ['help', 'start'], ['--version'], ['create', 'plugin', '--help']])(
    'sluice %o ends with 0',
    async (args) => {
      using folder = new Folder()
      expect(await sluice(folder, ...args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\S/) })
    },
  )
})

describe.concurrent('sluice check', { timeout: PATIENCE }, () => {
  test('says that a config is valid', async () => {
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    const { code, stdout, stderr } = await sluice(folder, 'check')
    expect([code, stdout, stderr]).toEqual([0, 'gateway.config.ts is valid: 2 plugins, 1 model, 1 provider.\n', ''])
  })

  test('fails on one that is not', async () => {
    using folder = new Folder({ 'my.ts': configOf(`{ models: { a: 'x/y' } }`) })
    const { code, stdout, stderr } = await sluice(folder, 'check', '-c', 'my.ts')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('models[a]')
  })
})

describe.concurrent('sluice inspect', { timeout: PATIENCE }, () => {
  const code = `import { openai } from '@sluice/provider-openai'
const counters = capability('Counters')
const store = definePlugin({ name: 'store-test', version: '1.2.3', api: 1, provides: [counters],
  setup({ provide }) { provide(counters, {}) } })
const admin = definePlugin({ name: 'admin-test', version: '1.0.0', api: 1, requires: [counters],
  setup({ hooks, router }) {
    hooks.onRequest.tap({ name: 'second', stage: 'late' }, () => undefined)
    hooks.onRequest.tap('first', () => undefined)
    router.get('/admin/test', { permission: 'test:read' }, () => undefined)
  } })`
  const config = configOf(
    `{ models: { fast: { targets: ['openai/gpt', 'echo/echo'] } },
       plugins: [admin({}, { when: { models: ['gpt-*'] } }), store(), openaiDialect(), echo(), openai({ apiKey: 'sk-very-secret' })] }`,
    code,
  )

  test('shows what the config makes', async () => {
    using folder = new Folder({ 'gateway.config.ts': config })
    const { code: exit, stdout, stderr } = await sluice(folder, 'inspect')
    expect([exit, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/store-test 1\.2\.3[^]*admin-test 1\.0\.0\n +when \{"models":\["gpt-\*"\]\}/)
    expect(stdout).toMatch(/Counters +from store-test +for admin-test/)
    expect(stdout).toMatch(/onRequest +admin-test +first +normal\n +admin-test +second +late/)
    expect(stdout).toMatch(/openai +wire +openai-chat +https:\/\/api\.openai\.com\/v1/)
    expect(stdout).toMatch(/echo +local/)
    expect(stdout).toMatch(/fast +openai\/gpt, echo\/echo/)
    expect(stdout).toMatch(/GET +\/admin\/test +test:read +admin-test/)
    expect(stdout).toMatch(/apiKey +\*\*\*/)
    expect(stdout).not.toContain('sk-very-secret')
  })

  test('gives the same as JSON', async () => {
    using folder = new Folder({ 'gateway.config.ts': config })
    const { code: exit, stdout } = await sluice(folder, 'inspect', '--json')
    const inspection = JSON.parse(stdout) as GatewayInspection
    expect(exit).toBe(0)
    expect(inspection.plugins.map(({ id }) => id)).toEqual([
      'store-test',
      'admin-test',
      'dialect-openai',
      'echo',
      'openai',
    ])
    expect(inspection.hooks.onRequest.map(({ name }) => name)).toEqual(['first', 'second'])
    expect(stdout).not.toContain('sk-very-secret')
  })
})
