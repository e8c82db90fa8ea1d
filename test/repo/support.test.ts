/** The root README's table of who offers what is what the providers do. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PLUGINS, ROOT } from './packages.ts'
import { dialectPlugins, providerPlugins } from './support/instances.ts'
import { withSupportTable } from './support/table.ts'

const README = join(ROOT, 'README.md')

test('the README says what each provider offers', async () => {
  const readme = readFileSync(README, 'utf8')
  const expected = await withSupportTable(readme)
  if (process.env['UPDATE_README']) writeFileSync(README, expected)
  else expect(readme, 'UPDATE_README=1 pnpm vitest run … test/repo writes the table').toBe(expected)
})

test('every provider and every dialect takes part', () => {
  const taking = [...dialectPlugins(), ...providerPlugins('http://127.0.0.1:1')].map(
    ({ definition }) => definition.name,
  )
  const all = PLUGINS.map(({ name }) => name).filter((name) => /^(?:dialect|provider)-(?!kit$)/.test(name))
  expect([...new Set(taking)].sort()).toEqual(all.sort())
})
