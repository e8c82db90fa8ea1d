import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configOf, ECHO, Folder, modelsAt, PATIENCE, Sluice } from './cli.ts'

/** A config that takes its models from another file. */
const IMPORTING = configOf(
  '{ models, plugins: [openaiDialect(), echo()] }',
  `import { models } from './parts/models.ts'`,
)
const models = (name: string): string =>
  `export const models: { [name: string]: string } = { '${name}': 'echo/echo' }\n`
const applied = (revision: number): RegExp => new RegExp(`"revision":${revision},"msg":"the new config is in force"`)
const REFUSED = /"revision":1.*"msg":"the new config is refused/

describe.concurrent('SIGHUP', { timeout: PATIENCE }, () => {
  test('puts the config in force as it is now, with the files it imports', async () => {
    using folder = new Folder({ 'gateway.config.ts': IMPORTING, 'parts/models.ts': models('one') })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    expect(await modelsAt(url)).toContain('one')

    folder.write('parts/models.ts', models('two'))
    gateway.signal('SIGHUP')
    await gateway.says(applied(2))
    expect(await modelsAt(url)).toContain('two')
    expect(await modelsAt(url)).not.toContain('one')
  })

  test('leaves the last good config in force if the new one is invalid, and says every problem', async () => {
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()

    folder.write(
      'gateway.config.ts',
      configOf(`{ models: { a: 'x/y', b: 'z/y' }, plugins: [openaiDialect(), echo()] }`),
    )
    gateway.signal('SIGHUP')
    await gateway.says(REFUSED)
    expect(gateway.stderr).toMatch(/2 problems:\n.*models\[a\].*\n.*models\[b\]/)
    expect(gateway.stdout).toMatch(/"problems":\["models\[a\].*models\[b\]/)
    expect(await modelsAt(url)).toContain('echo')

    folder.write('gateway.config.ts', ECHO.replace('models: { echo:', 'models: { cured:'))
    gateway.signal('SIGHUP')
    await gateway.says(applied(2))
    expect(await modelsAt(url)).toContain('cured')
  })
})

describe.concurrent('--watch', { timeout: PATIENCE }, () => {
  test('follows an imported file, through mistakes and atomic renames', async () => {
    using folder = new Folder({ 'gateway.config.ts': IMPORTING, 'parts/models.ts': models('one') })
    await using gateway = new Sluice(folder, 'start', '--port', '0', '--watch')
    const url = await gateway.ready()

    folder.write('parts/models.ts', 'export const models = {')
    await gateway.says(REFUSED)
    expect(gateway.stderr).toMatch(/parts\/models\.ts:1: /)
    expect(await modelsAt(url)).toContain('one')

    for (const [name, revision] of [
      ['two', 2],
      ['three', 3],
    ] as const) {
      folder.write('parts/new.ts', models(name))
      renameSync(join(folder.path, 'parts/new.ts'), join(folder.path, 'parts/models.ts'))
      await gateway.says(applied(revision))
      expect(await modelsAt(url)).toContain(name)
    }
  })

  test('follows a link that is swapped, as Kubernetes does', async () => {
    using folder = new Folder({ 'v1/gateway.config.ts': ECHO, 'v2/gateway.config.ts': ECHO.replace('echo:', 'new:') })
    const link = (to: string): void => {
      symlinkSync(to, join(folder.path, 'next'))
      renameSync(join(folder.path, 'next'), join(folder.path, 'current'))
    }
    link('v1')
    symlinkSync('current/gateway.config.ts', join(folder.path, 'gateway.config.ts'))
    await using gateway = new Sluice(folder, 'start', '--port', '0', '--watch')
    const url = await gateway.ready()

    link('v2')
    rmSync(join(folder.path, 'v1'), { recursive: true })
    await gateway.says(applied(2))
    expect(await modelsAt(url)).toContain('new')
  })

  test('waits for a config that was deleted', async () => {
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    await using gateway = new Sluice(folder, 'start', '--port', '0', '--watch')
    const url = await gateway.ready()
    rmSync(join(folder.path, 'gateway.config.ts'))
    await gateway.says(REFUSED)
    expect(await modelsAt(url)).toContain('echo')
    folder.write('gateway.config.ts', ECHO.replace('echo:', 'new:'))
    await gateway.says(applied(2))
    expect(gateway.stdout.match(/is refused/g)).toHaveLength(1)
  })

  test('does nothing when other files change, or the same is written again', async () => {
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    await using gateway = new Sluice(folder, 'start', '--port', '0', '--watch')
    await gateway.ready()
    folder.write('notes.txt', 'x')
    folder.write('gateway.config.ts', ECHO)
    // Longer than the watcher waits for quiet.
    await new Promise((resolve) => setTimeout(resolve, 300))
    folder.write('gateway.config.ts', ECHO.replace('echo:', 'new:'))
    await gateway.says(applied(2))
    expect(gateway.stdout).not.toMatch(applied(3))
  })
})
