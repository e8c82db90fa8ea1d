import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CORE, Package, PLUGINS, ROOT } from './packages.ts'

const PACKAGES = [CORE, ...PLUGINS]

test.each(PACKAGES.map((each) => [each.path, each] as const))(
  '%s imports nothing from outside itself by path',
  (path, each) => {
    const strays = each.files('{src,test}/**/*.ts').flatMap((file) => {
      const specifiers = each
        .read(file)
        .matchAll(/^(?:import|export)\b[^'"]*?['"](\.[^'"]+)['"]|\bimport\(['"](\.[^'"]+)/gm)
      return Array.from(specifiers, ([, fixed, dynamic]) => join(dirname(file), fixed ?? dynamic ?? ''))
        .filter((target) => target.startsWith('..'))
        .map((target) => `${file} → ${target}`)
    })
    expect(strays).toEqual([])
  },
)

test.each(PACKAGES.map((each) => [each.path, each] as const))(
  '%s runs with no package that it does not name',
  (_, each) => {
    const {
      dependencies = {},
      peerDependencies = {},
      name,
    } = each.manifest as Package['manifest'] & { [kind: string]: object }
    const known = new Set([name, ...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    // A template holds the imports of the package it writes.
    const sources = each.files('src/**/*.ts').filter((file) => !file.includes('/template/'))
    const imported = sources.flatMap((file) => {
      const specifiers = each.read(file).matchAll(/^(?:import|export)\b[^'"`]*?\bfrom '([^.'][^']*)'/gm)
      return Array.from(specifiers, ([, specifier = '']) =>
        specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'),
      )
    })
    expect(imported.filter((specifier) => !specifier.startsWith('node:') && !known.has(specifier))).toEqual([])
  },
)

describe('the linter', () => {
  const TSCONFIG = '{ "compilerOptions": { "strict": true, "skipLibCheck": true, "lib": ["esnext"], "types": [] } }'
  const OXLINT = join(ROOT, 'node_modules/.bin/oxlint')

  /** Rules of ours that oxlint finds broken in a file that holds `code`. */
  function broken(path: string, code: string): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-lint-'))
    try {
      copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
      writeFileSync(join(folder, 'tsconfig.json'), TSCONFIG)
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), code)
      const { stdout } = spawnSync(OXLINT, ['--format=json', path], { cwd: folder, encoding: 'utf8', timeout: 30_000 })
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] }
      return diagnostics.map(({ code: rule }) => /\((.*)\)/.exec(rule)?.[1] ?? rule)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  const from = (specifier: string): string => `export { x } from '${specifier}'\n`
  test.each([
    ['core/src/x.ts', from('@sluice/log-access')],
    ['core/src/cli/x.ts', from('../../../plugins/log-access/src/index.ts')],
    ['plugins/log-access/src/x.ts', from('@sluice/provider-echo')],
    ['plugins/log-access/src/x.ts', from('@sluice/core/testing')],
    ['plugins/log-access/src/a/x.ts', from('@sluice/dialect-kit/src/sse.ts')],
    ['plugins/log-access/test/x.test.ts', from('@sluice/provider-echo/src/turn.ts')],
  ])('keeps %s from %s', (path, code) => {
    expect(broken(path, code)).toContain('no-restricted-imports')
  })

  test.each([
    ['core/src/x.ts', from('typebox')],
    ['core/test/x.test.ts', from('@sluice/log-access')],
    ['plugins/log-access/src/x.ts', from('@sluice/core')],
    ['plugins/log-access/src/x.ts', from('@sluice/dialect-kit')],
    ['plugins/log-access/test/x.test.ts', from('@sluice/core/testing')],
    ['plugins/log-access/test/x.test.ts', from('@sluice/provider-echo')],
  ])('lets %s have %s', (path, code) => {
    expect(broken(path, code)).toEqual([])
  })

  test.each([
    ['no-floating-promises', `async function f(): Promise<void> {}\nexport function g(): void {\n  f()\n}\n`],
    ['no-misused-promises', `export const g = (f: () => Promise<boolean>): number => (f() ? 1 : 2)\n`],
    ['await-thenable', `export const g = async (): Promise<number> => await 1\n`],
    ['no-explicit-any', `export const g = (x: any): string => String(x)\n`],
    ['consistent-type-imports', `import { T } from './t.ts'\nexport const g = (x: T): T => x\n`],
  ])('finds %s', (rule, code) => {
    expect(broken('core/src/x.ts', code)).toContain(rule)
  })
})

test('the type check covers every package', () => {
  const { references } = new Package('.').json('tsconfig.json') as { references: { path: string }[] }
  expect(references.map(({ path }) => path)).toEqual(
    expect.arrayContaining([...PACKAGES.map(({ path }) => path), 'test']),
  )
})

test('a package is built after those of this repository that it needs', () => {
  for (const each of PLUGINS) {
    const { references = [] } = each.json('tsconfig.json') as { references?: { path: string }[] }
    const { dependencies = {} } = each.manifest as { dependencies?: object }
    const needed = ['@sluice/core', ...Object.keys(dependencies).filter((name) => name.startsWith('@sluice/'))]
    const paths = needed.map((name) => PACKAGES.find(({ manifest }) => manifest.name === name)!.path)
    const listed = references.map(({ path }) => relative(ROOT, join(ROOT, each.path, path)))
    expect([each.path, ...listed]).toEqual(expect.arrayContaining(paths))
  }
})
