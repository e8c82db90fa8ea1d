import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { expect, test } from 'vitest'

test('a refusal that quotes a credential of digits as a number reaches the client, without it', async () => {
  const apiKey = '1234567890'
  const upstream = await mockUpstream()
  upstream.reply(json({ error: { message: `No, ${apiKey}.`, keys: [Number(apiKey), 7] } }, { status: 400 }))
  await using gateway = await createTestGateway({
    plugins: [openaiDialect(), compatible({ vendor: 'custom', baseUrl: upstream.url, apiKey }, { id: 'upstream' })],
  })
  const body = { model: 'upstream/m', messages: [{ role: 'user', content: 'Hello' }] }
  const reply = await gateway.request('/v1/chat/completions', { body })
  expect(reply.status).toBe(400)
  expect(reply.json()).toMatchObject({ error: { message: 'No, ***.', keys: ['***', 7] } })
  await upstream.close()
})
