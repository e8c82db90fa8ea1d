/**
 * `npm start`, `npm test` and `npm run sluice` on a machine that has only npm: fetches the pinned Node and pnpm,
 * installs the locked dependencies, runs the command. Runs on Node 20 and later. Arguments are handed on as they are,
 * signals go to the command, and its exit code is this one's.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const TOOLS = ['-p', 'node@26', '-p', 'pnpm@12']
const COMMANDS = {
  start: ['node', 'core/src/cli/main.ts', 'start'],
  test: ['pnpm', 'check'],
  sluice: ['node', 'core/src/cli/main.ts'],
}

const root = fileURLToPath(new URL('..', import.meta.url))
/** The step that runs now, and the signal that came during it. */
let child
let interrupted
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = signal
    child?.kill(signal)
  })
}

/** Runs one step to its end. Output that is not shown is given back. */
function run(command, args, path, shown) {
  return new Promise((resolve, reject) => {
    const stdio = shown ? 'inherit' : ['ignore', 'pipe', 'pipe']
    child = spawn(command, args, { cwd: root, env: { ...process.env, PATH: path }, stdio })
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (text) => (stdout += text))
    child.stderr?.on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal], stdout, stderr }))
  })
}

/** Runs a step that nobody watches; ends this process if it fails. */
async function prepare(title, command, args, path) {
  const { code, stdout, stderr } = await run(command, args, path, false)
  if (code === 0 && !interrupted) return stdout
  if (!interrupted) process.stderr.write(`${title} failed:\n${stdout}${stderr}`)
  return process.exit(interrupted ? 128 + constants.signals[interrupted] : code)
}

const [name = '', ...args] = process.argv.slice(2)
if (!Object.hasOwn(COMMANDS, name)) {
  process.stderr.write(`Usage: node .toolchain/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]\n`)
  process.exit(2)
}
const [command, ...fixed] = COMMANDS[name]

const npx = ['-y', '--prefer-offline', ...TOOLS, '-c', 'node -p process.env.PATH']
const path = (await prepare('Fetching Node 26 and pnpm 12', 'npx', npx, process.env.PATH)).trim()
await prepare('Installing dependencies', 'pnpm', ['install', '--frozen-lockfile'], path)
const { code } = await run(command, [...fixed, ...args], path, true)
process.exit(code)
