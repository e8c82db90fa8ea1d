import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TOOLS } from '../../core/src/cli/template/manifest.ts'
import { Folder, PATIENCE, sluice } from '../../core/test/cli/cli.ts'
import { withOptionsTable } from './options-table.ts'
import { CORE, Package, ROOT } from './packages.ts'

/** Runs a tool of this repository in a folder; throws what it said if it fails. */
function run(tool: string, folder: string, ...args: string[]): void {
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin', tool), args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${tool} failed:\n${stdout}`)
}

describe('sluice create plugin', { timeout: PATIENCE }, () => {
  test('writes a package that depends on the published kernel, type-checks and passes its tests', async () => {
    using folder = new Folder()
    const { code, stdout } = await sluice(folder, 'create', 'plugin', 'limit-demo', '--dir', 'my plugin')
    const made = new Package('my plugin', folder.path)
    expect([code, stdout]).toEqual([0, expect.stringContaining('cd my plugin && npm install && npm test')])
    expect(made.manifest).toMatchObject({
      name: 'limit-demo',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      peerDependencies: { '@sluice/core': `^${CORE.manifest.version}` },
      devDependencies: { '@sluice/core': `^${CORE.manifest.version}`, ...TOOLS },
    })
    expect(made.read('package.json')).not.toMatch(/workspace:|catalog:/)
    run('vitest', join(folder.path, 'my plugin'), 'run')
    run('tsc', join(folder.path, 'my plugin'), '-p', '.', '--noEmit')
  })

  test('writes a workspace package in a checkout, where lint, format and type check take it as it is', async () => {
    using folder = new Folder({ 'pnpm-workspace.yaml': '', 'core/src/cli/main.ts': '', 'plugins/.keep': '' })
    writeFileSync(join(folder.path, 'tsconfig.json'), '{ "files": [], "references": [{ "path": "core" }] }')
    for (const file of ['.oxlintrc.json', '.oxfmtrc.json', 'core/tsconfig.json', 'core/tsconfig.preset.json'])
      cpSync(join(ROOT, file), join(folder.path, file))
    const { code, stdout } = await sluice(folder, 'create', 'plugin', 'limit-demo')
    expect([code, stdout]).toEqual([0, expect.stringContaining('plugins/limit-demo')])

    const made = new Package('plugins/limit-demo', folder.path)
    expect(made.manifest).toMatchObject({
      name: '@sluice/limit-demo',
      peerDependencies: { '@sluice/core': 'workspace:^' },
    })
    expect(new Package('.', folder.path).json('tsconfig.json')).toEqual({
      files: [],
      references: [{ path: 'core' }, { path: 'plugins/limit-demo' }],
    })
    const [factory] = await made.factories()
    const readme = made.read('README.md')
    expect(withOptionsTable(readme, factory!.definition.options)).toBe(readme)
    run('oxlint', folder.path, '--deny-warnings', 'plugins')
    run('oxfmt', folder.path, '--check', 'plugins', 'tsconfig.json')
  })

  test('does not touch what is already there', async () => {
    using folder = new Folder({ 'limit-demo/notes.txt': 'mine' })
    const { code, stderr } = await sluice(folder, 'create', 'plugin', 'limit-demo')
    expect([code, stderr]).toEqual([1, expect.stringContaining('limit-demo is not empty')])
    expect(readdirSync(join(folder.path, 'limit-demo'))).toEqual(['notes.txt'])
  })

  test('names the tools that this repository uses', () => {
    const catalog = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')
    for (const [name, version] of Object.entries(TOOLS))
      expect(catalog).toMatch(new RegExp(`^ +'?${name}'?: \\${version}$`, 'm'))
  })
})
