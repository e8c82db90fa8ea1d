import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { GatewayError } from '@sluice/core'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { echo } from '@sluice/provider-echo'
import { expect, test } from 'vitest'
import { balance } from '../src/index.ts'

test.each<[what: string, options: object, route: object | undefined, text: RegExp]>([
  ['a strategy is misspelt', { strategy: 'wieghted' }, undefined, /strategy.*"wieghted".*Did you mean "weighted"\?/],
  [
    'a model’s strategy is misspelt',
    {},
    { strategy: 'round_robin' },
    /models\[m\]\.route\.strategy.*Did you mean "round-robin"\?/,
  ],
  ['an option is misspelt', {}, { stragety: 'cost' }, /stragety.*Did you mean "strategy"\?/],
  [
    'the source of a key is none',
    { sticky: { by: ['sesion'] } },
    undefined,
    /sticky\.by\[0\].*not of the form session or/,
  ],
  ['a header has no name', {}, { sticky: { by: ['header:'] } }, /sticky\.by\[0\].*header:x-my-session/],
  ['nobody knows prices', { strategy: 'cost' }, undefined, /"cost" needs the capability "Prices".*usage-prices/],
  [
    'nobody knows the prices of a model',
    {},
    { strategy: 'cost' },
    /models\[m\]\.route\.strategy: "cost" needs .*usage-prices/,
  ],
  ['a requirement is empty', {}, { require: { tags: [] } }, /require\.tags/],
  ['a requirement is misspelt', {}, { require: { region: ['eu'] } }, /region.*Did you mean "regions"\?/],
  ['it explores too much', { exploration: 2 }, undefined, /exploration/],
])('a gateway does not start if %s, and says so', async (_what, options, route, text) => {
  const config: GatewayConfig = {
    models: { m: { targets: ['echo/echo'], ...(route && { route }) } },
    plugins: [echo(), balance(options)],
  }
  const error: unknown = await createTestGateway(config).then(
    (gateway) => gateway.close(),
    (thrown: unknown) => thrown,
  )
  if (!GatewayError.is(error)) throw new Error('it booted')
  expect(error.message).toMatch(text)
})

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const [, ...FRAGMENTS] = Array.from(README.matchAll(/```ts\n([^]*?)```/g), ([, code = '']) => code)
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const IMPORTS = `
import { echo } from '@sluice/provider-echo'
import { prices } from '@sluice/usage-prices'
import { balance } from '@sluice/route-balance'
const [openai, azure, anthropic, local] = ['openai', 'azure', 'anthropic', 'local'].map((id) => echo({}, { id }))
const plugins = [openai, azure, anthropic, local, balance()]
`

test.each(FRAGMENTS)('the example boots: %s', async (fragment) => {
  expect(fragment).toMatch(/^models: |^plugins: /)
  const folder = mkdtempSync(join(mkdtempParent(), 'example-'))
  try {
    const file = join(folder, 'config.ts')
    writeFileSync(file, `${IMPORTS}export default { plugins, ${fragment} }`)
    const { default: config } = (await import(pathToFileURL(file).href)) as { default: GatewayConfig }
    await using gateway = await createTestGateway(config)
    expect(gateway.gateway.inspect().plugins.map(({ name }) => name)).toContain('route-balance')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Below the root, so that all packages are found. */
function mkdtempParent(): string {
  const parent = join(ROOT, '.sluice')
  mkdirSync(parent, { recursive: true })
  return parent
}
