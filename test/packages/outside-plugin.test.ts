/** A plugin written outside this repository, packed and installed beside the packed kernel, works like one from the workspace. */
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = new URL('../..', import.meta.url).pathname
const PACKED = ['core', 'plugins/dialect-kit', 'plugins/dialect-openai', 'plugins/provider-echo']

const PLUGIN = `
import { definePlugin, Type } from '@sluice/core'
export const stamp = definePlugin({
  name: 'stamp',
  version: '1.0.0',
  api: 1,
  options: Type.Object({ text: Type.String({ description: 'Value of the header.' }) }, { additionalProperties: false }),
  setup({ options, hooks }) {
    const seen = []
    hooks.onRequest.tap('see', () => void seen.push('onRequest'))
    hooks.beforeRoute.tap('see', (targets) => void seen.push('beforeRoute:' + targets.length))
    hooks.onResponse.tap('stamp', (reply) => {
      reply.headers['x-stamp'] = [options.text, ...seen.splice(0), 'onResponse'].join(' ')
    })
  },
})
`
const CONFIG = `
import { defineConfig, env } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { stamp } from 'sluice-stamp'

const text: string = 'from outside'
export default defineConfig({
  server: { port: env('PORT', 8080) },
  models: { echo: 'echo/echo' },
  plugins: [openaiDialect(), echo(), stamp({ text })],
})
`

let folder: string
let gateway: ChildProcess | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-outside-'))
  await run('pnpm', ['exec', 'tsc', '-b', ...PACKED], { cwd: root })
  await Promise.all(
    PACKED.map((path) => run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, path) })),
  )

  const plugin = join(folder, 'plugin')
  await mkdir(plugin)
  const manifest = {
    name: 'sluice-stamp',
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    peerDependencies: { '@sluice/core': '*' },
  }
  await writeFile(join(plugin, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(plugin, 'index.js'), PLUGIN)
  await run('npm', ['pack', '--pack-destination', folder], { cwd: plugin })

  const app = join(folder, 'app')
  await mkdir(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  await writeFile(join(app, 'gateway.config.ts'), CONFIG)
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).map((name) => join(folder, name))
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], { cwd: app })
}, 120_000)

afterAll(async () => {
  gateway?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Starts the installed \`sluice\` and waits for its ready line. */
async function start(): Promise<string> {
  gateway = spawn(process.execPath, ['node_modules/.bin/sluice', 'start', '--port', '0'], { cwd: join(folder, 'app') })
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)
      if (url) resolve(url[0])
    }
    gateway!.stdout!.on('data', read)
    gateway!.stderr!.on('data', read)
    gateway!.once('exit', () => reject(new Error(`sluice ended: ${output}`)))
  })
}

test('it is loaded from a config and taps onRequest, beforeRoute and onResponse', async () => {
  const url = await start()
  const body = JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hi' }] })
  const reply = await request(`${url}/v1/chat/completions`, { method: 'POST', body })
  expect(reply.statusCode).toBe(200)
  expect(reply.headers['x-stamp']).toBe('from outside onRequest beforeRoute:1 onResponse')
  expect(await reply.body.json()).toMatchObject({ choices: [{ message: { content: 'You said: hi' } }] })
})

test('its options are checked like any other’s', async () => {
  const app = join(folder, 'app')
  await writeFile(join(app, 'wrong.config.ts'), CONFIG.replace('stamp({ text })', "stamp({ txt: 'x' } as never)"))
  const failed = run(process.execPath, ['node_modules/.bin/sluice', 'check', '--config', 'wrong.config.ts'], {
    cwd: app,
  })
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/txt: unknown option.*Did you mean "text"/s),
  })
})
