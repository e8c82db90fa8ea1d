import { definePlugin } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { expect, test } from 'vitest'

/** Around the sizes of socket reads and stream buffers. */
const SIZES = [0, 1000, 16_000, 33_000, 60_000, 65_300, 66_000, 70_000, 98_000, 131_000, 140_000, 200_000, 1_000_000]

test.each(SIZES)('a body with a text of %d letters is read whole', async (size) => {
  const bodies: string[] = []
  const see = definePlugin({
    name: 'log-test',
    version: '1.0.0',
    api: 1,
    setup: ({ hooks }) => hooks.authorize.tap('see', ({ body }) => void bodies.push(body.toString())),
  })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), echo(), see()] })
  const body = JSON.stringify({ model: 'echo/echo', messages: [{ role: 'user', content: 'x'.repeat(size) }] })
  const reply = await gateway.request('/v1/chat/completions', { body })
  expect(reply.status).toBe(200)
  expect(bodies).toEqual([body])
})
