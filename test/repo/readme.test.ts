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

describe('the examples', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await createTestGateway(gatewayConfig)
  })
  afterAll(() => gateway.close())

  const curls = blocks
    .filter(({ language, text }) => language === 'sh' && text.startsWith('curl'))
    .map(({ text }) => text)
  test.each(curls)('answers %s', async (curl) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', curl.replace('http://127.0.0.1:8080', gateway.url)])
    const words = [...stdout.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word).join('')
    expect(words).toBe('You said: Hello, Sluice')
  })

  test('shows the reply that the curl gets', () => {
    expect(blocks.find(({ language }) => language === 'json')!.text).toContain('You said: Hello, Sluice')
    expect(curls).toHaveLength(3)
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
