import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '..')
const README = readFileSync(join(FOLDER, 'README.md'), 'utf8')
const examples = Array.from(
  README.matchAll(/### (.*)\n(?:(?!###)[^])*?```ts\n([^]*?)```/g),
  ([, title = '', code = '']) => [title, code] as const,
)

test('there is an example of everything that can be set', () => {
  expect(examples.map(([title]) => title)).toEqual([
    'Retries',
    'Fallbacks',
    'Circuit breakers',
    'Time limits and hedged calls',
    'Load shedding',
  ])
})

test.each(examples)('the example of %s boots', async (_, code) => {
  // Here, so that the packages it names are found.
  const folder = mkdtempSync(join(FOLDER, 'test', 'example-'))
  try {
    const file = join(folder, 'config.ts')
    writeFileSync(file, code)
    const { default: config } = (await import(file)) as { default: GatewayConfig }
    await using gateway = await createTestGateway(config)
    expect(gateway.gateway.inspect().plugins.map(({ name }) => name)).toContain('route-resilience')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
