import { readFileSync } from 'node:fs'
import type { PluginInstance } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { expect, test } from 'vitest'
import { chains } from '../src/index.ts'
import { textOf } from './support/setting.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const examples = Array.from(readme.matchAll(/```ts\n(chains\([^]*?)```/g), ([, code = '']) => {
  return [/chains: \{\n\s+(\w+)/.exec(code)?.[1] ?? '', code] as const
})

test('the README shows branches, lists and failures', () => {
  expect(examples.map(([name]) => name)).toEqual(['triage', 'review', 'careful'])
})

test.each(examples)('its example "%s" answers', async (name, code) => {
  const url = `data:text/javascript,${encodeURIComponent(`export default (chains) => ${code}`)}`
  const { default: make } = (await import(/* @vite-ignore */ url)) as {
    default: (made: typeof chains) => PluginInstance
  }
  await using gateway = await createTestGateway({
    models: { fast: 'echo/echo', strong: 'echo/echo' },
    plugins: [openaiDialect(), echo(), make(chains)],
  })
  const body = { model: name, messages: [{ role: 'user', content: 'Is the moon full?' }] }
  const reply = await gateway.request('/v1/chat/completions', { body })
  expect(reply.status).toBe(200)
  expect(textOf(reply)).toMatch(/^You said: /)
})
