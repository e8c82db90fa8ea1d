import { readdirSync, readFileSync } from 'node:fs'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { rollouts } from '../src/index.ts'

const folder = new URL('examples/', import.meta.url)
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test.each(readdirSync(folder))('the example %s is in the README, boots, and moves traffic', async (file) => {
  expect(readme).toContain(readFileSync(new URL(file, folder), 'utf8'))
  const example = (await import(new URL(file, folder).href)) as Pick<GatewayConfig, 'models'> & {
    rollouts?: NonNullable<Parameters<typeof rollouts>[0]>['rollouts']
  }
  await using gateway = await createTestGateway({
    ...(example.models && { models: example.models }),
    plugins: [openaiDialect(), echo(), memoryStore(), rollouts(example.rollouts ? { rollouts: example.rollouts } : {})],
  })
  const reply = await gateway.request('/v1/chat/completions', {
    body: { model: 'assistant', messages: [{ role: 'user', content: 'Hello' }] },
  })
  expect([reply.status, reply.headers['x-sluice-variant']]).toEqual([200, expect.stringMatching(/^\w+$/)])
})
