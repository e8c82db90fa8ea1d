/** A real Redis on a free port of the loopback, with its files in a folder that goes when it stops. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, isInstalled, selfSigned } from '@sluice/store-kit/testing'

/** Milliseconds it may take to start. */
const START_LIMIT = 5_000

export class RedisServer {
  readonly port: number
  /** File with its certificate. */
  readonly certificate: string | undefined
  readonly #password: string | undefined
  readonly #options: readonly string[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'))
  readonly #onExit = (): void => void this.#process?.kill('SIGKILL')
  #process: ChildProcess | undefined

  private constructor(port: number, { password, tls }: { password?: string; tls?: string }) {
    this.port = port
    this.#password = password
    const options = ['--bind', '127.0.0.1', '--save', '', '--dir', this.#folder]
    if (password !== undefined) options.push('--requirepass', password)
    if (tls === undefined) options.push('--port', String(port))
    else {
      const { cert, key } = selfSigned(this.#folder, tls)
      this.certificate = cert
      options.push('--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no')
      options.push('--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert)
    }
    this.#options = options
    process.once('exit', this.#onExit)
  }

  /** Whether Redis is installed; if not, it says so, and fails where tests must not be skipped. */
  static isInstalled(): boolean {
    return isInstalled('redis-server', 'Debian: apt install redis-server')
  }

  /** One that is not started yet. `tls`: the name in its certificate. */
  static async create(options: { password?: string; tls?: string } = {}): Promise<RedisServer> {
    return new RedisServer(await freePort(), options)
  }

  get url(): string {
    return `${this.certificate === undefined ? 'redis' : 'rediss'}://${this.#password === undefined ? '' : `:${this.#password}@`}127.0.0.1:${this.port}`
  }

  /** Starts it, empty, on its port; also again after `kill`. */
  async start(): Promise<void> {
    const child = spawn('redis-server', this.#options, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    const signal = AbortSignal.timeout(START_LIMIT)
    for (let output = ''; !output.includes('Ready to accept connections');) {
      const [chunk] = (await once(child.stdout, 'data', { signal })) as [Buffer]
      output += chunk.toString()
    }
    child.stdout.resume()
  }

  /** Stops answering, with all connections open, until `thaw`. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.kill()
    process.off('exit', this.#onExit)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
