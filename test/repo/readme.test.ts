/** The root README says what is: its examples run, its tables are complete. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createGateway, HOOKS } from '@sluice/core'
import type { GatewayConfig, PluginFactory } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import gatewayConfig from '../../gateway.config.ts'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const blocks = [...readme.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text = '']) => ({ language, text }))
const code = (part: string): string =>
  blocks.find(({ language, text }) => language === 'ts' && text.includes(part))!.text

/** Imports a piece of the README as the module it would be. */
async function load(name: string, text: string): Promise<{ [name: string]: unknown }> {
  const file = new URL(`readme-${name}.generated.ts`, import.meta.url)
  writeFileSync(file, text)
  try {
    return (await import(/* @vite-ignore */ file.href)) as { [name: string]: unknown }
  } finally {
    rmSync(file)
  }
}

/** Shell blocks that hold `part`. */
const shell = (part: string): string[] =>
  blocks.filter(({ language, text }) => language === 'sh' && text.includes(part)).map(({ text }) => text)

describe('the examples', () => {
  let gateway: TestGateway
  const environment: { [name: string]: string } = {}
  beforeAll(async () => {
    gateway = await createTestGateway(gatewayConfig)
    const [{ text } = { text: '' }] = gateway.gateway.announcements()
    environment['SLUICE_URL'] = gateway.url
    environment['SLUICE_API_KEY'] = /client +(\S+)/.exec(text)![1]!
    environment['SLUICE_ADMIN_KEY'] = /admin +(\S+)/.exec(text)![1]!
  })
  afterAll(() => gateway.close())

  /** Runs a block as a reader would, against the gateway of this test. */
  async function run(block: string): Promise<string> {
    const here = block
      .replaceAll('http://127.0.0.1:8080', gateway.url)
      .replaceAll(/npm run -s sluice (\S+)(?: (\S+))? --/g, `${process.execPath} core/src/cli/main.ts $1 $2`)
      .replaceAll(/^export .*$/gm, '')
    const { stdout } = await promisify(execFile)('sh', ['-c', here], {
      cwd: root,
      env: { ...process.env, ...environment },
    })
    return stdout
  }

  const curls = shell('$SLUICE_API_KEY').filter((text) => text.startsWith('curl'))
  test.each(curls)('answers %s', async (curl) => {
    const stdout = await run(curl)
    const words = [...stdout.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word).join('')
    expect(words).toBe('You said: Hello, Sluice')
  })

  test('shows the reply that the curl gets', () => {
    expect(blocks.find(({ language }) => language === 'json')!.text).toContain('You said: Hello, Sluice')
    expect(curls).toHaveLength(3)
  })

  test('without a key there is a 401', async () => {
    const anonymous = curls[0]!.replace('-H "authorization: Bearer $SLUICE_API_KEY"', '')
    expect(await run(anonymous)).toContain('"code":"invalid_api_key"')
  })

  const hello = curls[0]!.replace('$SLUICE_API_KEY', '$CI_KEY')
  const tooMuch = shell('$CI_KEY')[0]!
  test.each([
    ['the command', shell('sluice keys create')[0]!, /^key: (\S+)/m],
    ['HTTP', shell('/admin/v1/keys')[0]!, /"key":"([^"]+)"/],
  ])('a key made by %s meets its budget and its limit as shown, and its use is told', async (_, block, form) => {
    environment['CI_KEY'] = form.exec(await run(block))![1]!
    const refusals = blocks.filter(({ language, text }) => language === 'json' && text.startsWith('{"error"'))
    const [limited, unpaid] = refusals.map(({ text }) => JSON.parse(text) as { error: { message: string } })
    expect(JSON.parse(await run(tooMuch))).toEqual(unpaid)
    for (const _ of [1, 2, 3]) expect(await run(hello)).toContain('You said')
    const fourth = JSON.parse(await run(hello)) as typeof limited
    const rounded = (text: string): string => text.replace(/\d+ s\./, 'n s.')
    expect(rounded(fourth!.error.message)).toBe(rounded(limited!.error.message))

    const use = await run(shell('sluice usage')[0]!)
    expect(use).toMatch(/group +requests/)
    expect(use).toContain('budget_exceeded')
    expect(use).toContain('rate_limit_exceeded')
  })

  test('the config boots', async () => {
    const { default: config } = await load('config', code('defineConfig({'))
    const environment = { ANTHROPIC_API_KEY: 'sk-ant-example', GROQ_API_KEY: 'gsk-example' }
    const booted = await createGateway(config as GatewayConfig, {
      environment,
      destination: { write: () => undefined },
    })
    expect(booted.models().map(({ name }) => name)).toEqual(['fast', 'assistant', 'echo/echo'])
    await booted.close()
  })

  test('the models with routes boot', async () => {
    const imports = `import { balance } from '@sluice/route-balance'
      import { defineConfig } from '@sluice/core'
      import { echo } from '@sluice/provider-echo'
      import { memoryStore } from '@sluice/store-memory'
      import { openaiDialect } from '@sluice/dialect-openai'
      import { resilience } from '@sluice/route-resilience'
      import { rollouts } from '@sluice/route-rollout'`
    const vendors = ['anthropic', 'openai', 'groq'].map((id) => `echo({}, { id: '${id}' })`)
    const plugins = `[openaiDialect(), ${vendors.join(', ')}, memoryStore(), balance(), resilience(), rollouts()]`
    const text = `${imports}\nexport default defineConfig({ ${code('resilience: {')}, plugins: ${plugins} })`
    const { default: config } = await load('routes', text)
    await using booted = await createTestGateway(config as GatewayConfig)
    expect(booted.gateway.models().map(({ name }) => name)).toEqual(expect.arrayContaining(['fast', 'assistant']))
  })

  test('the plugin works, and is no longer than it says', async () => {
    const text = code('definePlugin({')
    expect(text.trim().split('\n').length).toBeLessThanOrEqual(22)
    const { houseRules } = (await load('plugin', text)) as unknown as { houseRules: PluginFactory<never> }
    const plugin = (houseRules as unknown as (options: object) => never)({ closedOn: 'saturday' })
    const served = await createTestGateway({
      models: { echo: 'echo/echo' },
      plugins: [openaiDialect(), echo(), plugin],
    })
    const body = JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hi' }] })
    const reply = await request(`${served.url}/v1/chat/completions`, { method: 'POST', body })
    const isSaturday = new Date().getDay() === 6
    expect([reply.statusCode, reply.headers['x-house']]).toEqual([isSaturday ? 503 : 200, 'rules'])
    await reply.body.dump()
    await served.close()
  })
})

describe('the tables', () => {
  test('list every hook', () => {
    expect(Object.keys(HOOKS).filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })

  test('list every package', () => {
    const folders = readdirSync(new URL('plugins', root))
    expect(folders.filter((name) => !readme.includes(`(plugins/${name})`))).toEqual([])
  })
})
