/** Source and test of a new plugin: one option, one tap, and the suite that every plugin passes. */

export function source({ name, packageName, factory }: { name: string; packageName: string; factory: string }): string {
  return `/** \`${packageName}\`: what it does, in one line. */
import { definePlugin, Type } from '@sluice/core'

/** Puts a header on every reply. */
export const ${factory} = definePlugin({
  name: '${name}',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      header: Type.String({ default: 'x-${name}', description: 'Reply header that says the plugin was here.' }),
    },
    { additionalProperties: false },
  ),
  setup({ id, options, hooks }) {
    hooks.onResponse.tap('mark', (reply) => {
      reply.headers[options.header] = id
    })
  },
})
`
}

export function test({ name, factory }: { name: string; factory: string }): string {
  return `import { definePlugin } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { ${factory} } from '../src/index.ts'

testPlugin({ test, plugin: ${factory}() })

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
  await using gateway = await createTestGateway({ plugins: [door(), ${factory}({ header: 'x-hello' })] })
  const reply = await gateway.request('/door')
  expect(reply.text).toBe('open')
  expect(reply.headers['x-hello']).toBe('${name}')
})
`
}
