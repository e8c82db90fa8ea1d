import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { realtime } from '../src/index.ts'

testPlugin({ test, plugin: realtime() })

test.each(['/v1/realtime', '/openai/v1/realtime', '/openai/realtime'])('%s wants a WebSocket', async (path) => {
  await using gateway = await createTestGateway({ plugins: [realtime()] })
  const reply = await gateway.request(`${path}?model=m`)
  expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'invalid_request' } }])
})
