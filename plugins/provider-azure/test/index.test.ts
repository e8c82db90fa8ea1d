import { definePlugin } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { providerAzure } from '../src/index.ts'

testPlugin({ test, plugin: providerAzure() })

test('every reply carries the header', async () => {
  const door = definePlugin({
    name: 'test-door',
    version: '1.0.0',
    api: 1,
    setup({ router }) {
      router.get('/door', { permission: 'public' }, (context) => {
        context.body = 'open'
      })
    },
  })
  await using gateway = await createTestGateway({ plugins: [door(), providerAzure({ header: 'x-hello' })] })
  const reply = await gateway.request('/door')
  expect(reply.text).toBe('open')
  expect(reply.headers['x-hello']).toBe('provider-azure')
})
