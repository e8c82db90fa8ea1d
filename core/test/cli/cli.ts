/** The command line as its users have it: a process, with a config in a folder of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = join(ROOT, 'core/src/cli/main.ts')

/** Milliseconds for tests that start processes, on a machine that has other things to do. */
export const PATIENCE = 60_000

/** A config that serves the echo model under its own name. */
export const ECHO = configOf(`{ models: { echo: 'echo/echo' }, plugins: [openaiDialect(), echo()] }`)

/** The text of a config: all a test needs is imported, `code` stands before the export. */
export function configOf(config: string, code = ''): string {
  return [
    `import { capability, defineConfig, definePlugin, env, Type } from '@sluice/core'`,
    `import { openaiDialect } from '@sluice/dialect-openai'`,
    `import { echo } from '@sluice/provider-echo'`,
    code,
    `export default defineConfig(${config})`,
    '',
  ].join('\n')
}

/** A folder in which the packages of this repository are installed. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'sluice-'))

  constructor(files: { [path: string]: string } = {}) {
    this.write('package.json', '{ "type": "module" }')
    symlinkSync(join(ROOT, 'node_modules'), join(this.path, 'node_modules'))
    for (const [path, text] of Object.entries(files)) this.write(path, text)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true })
    writeFileSync(join(this.path, path), text)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true })
  }
}

/** A running command. Killed, if it still lives, when it goes out of scope. */
export class Sluice {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>

  constructor(folder: Folder, ...args: string[]) {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    this.#child = spawn(process.execPath, [MAIN, ...args], { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.#closed = once(this.#child, 'close')
    // A test that runs out of time disposes of nothing.
    const end = (): void => void this.#child.kill('SIGKILL')
    process.once('exit', end)
    this.#child.once('close', () => process.off('exit', end))
  }

  /** Resolves with the exit code when the process is gone and has said everything. */
  async exit(): Promise<number | null> {
    const [code] = await this.#closed
    return code as number | null
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves with the address once the gateway listens. */
  async ready(): Promise<string> {
    const [, url] = await this.says(/Sluice is ready at (\S+) \(revision 1, \d+ ms\)[^]*\n\n$/)
    return url!
  }

  /** Resolves when the output has what `pattern` matches; fails if the process ends without it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    let over = false
    void this.#closed.then(() => (over = true))
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
      if (match) return match
      if (over) throw new Error(`The command ended without ${pattern}:\n${this.stdout}${this.stderr}`)
      await Promise.race([this.#closed, once(this.#child.stdout!, 'data'), once(this.#child.stderr!, 'data')])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }
}

/** Runs a command to its end. */
export async function sluice(folder: Folder, ...args: string[]) {
  await using command = new Sluice(folder, ...args)
  const code = await command.exit()
  return { code, stdout: command.stdout, stderr: command.stderr }
}

/** Names of the models that a gateway offers. */
export async function modelsAt(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  return data.map(({ id }) => id)
}
