import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from './packages.ts'

/** In place of npx, which would ask the network for the tools: runs the last argument as npx -c does. */
const NPX = '#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n'
/** In place of pnpm: `install` says where it stands, `check` does what its first argument says. */
const PNPM = `#!/bin/sh
test "$1" = install && { echo "install $2"; exit "\${INSTALL_CODE:-0}"; }
shift
test "$1" = wait && { trap 'echo drained; exit 3' TERM; echo waiting; while :; do sleep 0.05; done; }
test "$1" = die && kill -KILL $$
printf '<%s>' "$@"
exit "\${CHECK_CODE:-0}"
`

let tools: string
beforeAll(() => {
  tools = mkdtempSync(join(tmpdir(), 'sluice-tools-'))
  for (const [name, text] of Object.entries({ npx: NPX, pnpm: PNPM })) {
    writeFileSync(join(tools, name), text)
    chmodSync(join(tools, name), 0o755)
  }
})
afterAll(() => rmSync(tools, { recursive: true }))

/** The script behind `npm start` and `npm test`, with those tools. */
function toolchain(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, PATH: tools + delimiter + process.env['PATH'], ...environment }
  const child = spawn(process.execPath, [join(ROOT, '.toolchain/run.mjs'), ...args], { env, cwd: tmpdir() })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const end = async () => {
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }
  return { child, end }
}

test('arguments arrive as they were given', async () => {
  const args = ['a b', `it's`, '"', '$HOME', '`x`', '*', '', '\\', '--flag', 'two\nlines']
  const { code, stdout } = await toolchain(['test', ...args]).end()
  expect([code, stdout]).toEqual([0, args.map((arg) => `<${arg}>`).join('')])
})

test('the exit code is that of the command', async () => {
  expect(await toolchain(['test', 'x'], { CHECK_CODE: '7' }).end()).toMatchObject({ code: 7 })
  expect(await toolchain(['test', 'die']).end()).toMatchObject({ code: 137 })
  expect(await toolchain(['start', '--frobnicate']).end()).toMatchObject({ code: 2 })
  expect(await toolchain(['start', '--version']).end()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\./),
  })
})

test('an install is quiet unless it fails, and nothing runs after that', async () => {
  const { code, stdout, stderr } = await toolchain(['test', 'x'], { INSTALL_CODE: '5' }).end()
  expect([code, stdout]).toEqual([5, ''])
  expect(stderr).toContain('Installing dependencies failed:\ninstall --frozen-lockfile')
})

test('a signal goes to the command, which ends as it likes', async () => {
  const { child, end } = toolchain(['test', 'wait'])
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await end()).toMatchObject({ code: 3, stdout: 'waiting\ndrained\n' })
})

test('what is no command is wrong usage', async () => {
  expect(await toolchain(['deploy']).end()).toMatchObject({ code: 2, stderr: expect.stringContaining('start|test') })
})
