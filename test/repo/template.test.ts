import { writeFileSync, mkdtempSync, rmSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { withOptionsTable } from './options-table.ts'
import { PLUGINS, ROOT } from './packages.ts'
import type { Package } from './packages.ts'

const named = (packages: readonly Package[]) => packages.map((each) => [each.name, each] as const)
const FILES = ['package.json', 'tsconfig.json', 'README.md', 'CHANGELOG.md', 'src/index.ts']
const SECTIONS = ['Use', 'Options', 'Hooks', 'Errors', 'Limits']
const BUILT = { types: './dist/index.d.ts', default: './dist/index.js' }

describe.each(named(PLUGINS))('package %s', (name, plugin) => {
  test('has the files that every package has', () => {
    expect(FILES.filter((file) => !plugin.has(file))).toEqual([])
    expect(plugin.files('test/**/*.test.ts')).not.toEqual([])
  })

  test('has the manifest that every package has', () => {
    expect(plugin.manifest).toMatchObject({
      name: `@sluice/${name}`,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      description: expect.stringMatching(/\.$/),
      keywords: expect.arrayContaining(plugin.isKit ? ['sluice'] : ['sluice-plugin']),
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=24' },
      exports: { '.': './src/index.ts', './package.json': './package.json' },
      publishConfig: { access: 'public', exports: { '.': BUILT, './package.json': './package.json' } },
      files: ['dist', 'README.md', 'CHANGELOG.md'],
      scripts: { build: 'tsc -b' },
      peerDependencies: { '@sluice/core': 'workspace:^' },
      devDependencies: { '@sluice/core': 'workspace:*' },
    })
  })

  test('tells its latest version in its change log', () => {
    const [, latest] = /^## (\S+)/m.exec(plugin.read('CHANGELOG.md')) ?? []
    expect(latest).toBe(plugin.manifest.version)
  })

  test('has a README in the order of all READMEs', () => {
    const readme = plugin.read('README.md')
    expect(readme).toMatch(new RegExp(`^# @sluice/${name}\n\n\\w`))
    const sections = Array.from(readme.matchAll(/^## (.+)$/gm), ([, title]) => title)
    expect(sections).toEqual(plugin.isKit ? expect.arrayContaining(['Use']) : SECTIONS)
  })

  test('has a table of contents as its index', () => {
    expect(plugin.read('src/index.ts').split('\n').length).toBeLessThanOrEqual(120)
  })
})

describe.each(named(PLUGINS.filter(({ isKit }) => !isKit)))('plugin %s', (name, plugin) => {
  test('exports one factory, which knows its name and version', async () => {
    const factories = await plugin.factories()
    expect(factories.map(({ definition }) => [definition.name, definition.version])).toEqual([
      [name, plugin.manifest.version],
    ])
  })

  test('has the options in its README that it takes', async () => {
    const [factory] = await plugin.factories()
    const readme = plugin.read('README.md')
    const expected = withOptionsTable(readme, factory!.definition.options)
    if (process.env['UPDATE_README']) writeFileSync(join(ROOT, plugin.path, 'README.md'), expected)
    else expect(readme, 'UPDATE_README=1 pnpm vitest run … test/repo writes the table').toBe(expected)
  })

  test('has an example in its README that boots', async () => {
    await using gateway = await createTestGateway(...(await firstExample(plugin)))
    expect(gateway.gateway.inspect().plugins.map((each) => each.name)).toContain(name)
  })
})

/** The first TypeScript in a README as a config, with an environment in which all that it names is set. */
async function firstExample(plugin: Package): Promise<[GatewayConfig, { environment: NodeJS.ProcessEnv }]> {
  const [, code] = /^## Use\n[^]*?```ts\n([^]*?)```/m.exec(plugin.read('README.md')) ?? []
  if (code === undefined) throw new Error('README.md has no ```ts example under "Use"')
  const names = Array.from(code.matchAll(/env\('(\w+)'/g), ([, variable = '']) => [variable, valueOf(variable)])
  // Below the root, so that the packages of this repository are found.
  const parent = join(ROOT, '.sluice')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'example-'))
  try {
    const file = join(folder, 'gateway.config.ts')
    writeFileSync(file, code)
    const { default: config } = (await import(pathToFileURL(file).href)) as { default: GatewayConfig }
    return [config, { environment: Object.fromEntries(names) as NodeJS.ProcessEnv }]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Long enough for a secret; where an address is wanted, one at which nobody answers. */
function valueOf(variable: string): string {
  return /_(ADDR|URL)$/.test(variable) ? 'http://127.0.0.1:9' : `value of ${variable}`.padEnd(40, '.')
}
