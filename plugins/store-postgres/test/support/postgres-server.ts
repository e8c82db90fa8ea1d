/** A real PostgreSQL on a free port of the loopback, with its files in a folder that goes when it stops. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, isInstalled, selfSigned } from '@sluice/store-kit/testing'

/** Milliseconds it may take to start. */
const START_LIMIT = 10_000
const DEBIAN = '/usr/lib/postgresql'
/** For speed: what is in it need not outlive the machine. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '60',
  shared_buffers: '16MB',
  dynamic_shared_memory_type: 'mmap',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
}

export class PostgresServer {
  readonly port: number
  /** File with its certificate. */
  readonly certificate: string | undefined
  readonly #password = 'p%40ss/w0rd'
  readonly #folder: string
  readonly #settings: { readonly [name: string]: string | number }
  readonly #onExit = (): void => void this.#process?.kill('SIGQUIT')
  #process: ChildProcess | undefined

  private constructor(port: number, folder: string, tls: string | undefined) {
    this.port = port
    this.#folder = folder
    if (tls === undefined) this.#settings = { ...SETTINGS, port }
    else {
      const { cert, key } = selfSigned(folder, tls)
      this.certificate = cert
      this.#settings = { ...SETTINGS, port, ssl: 'on', ssl_cert_file: cert, ssl_key_file: key }
    }
    process.once('exit', this.#onExit)
  }

  /** Whether PostgreSQL is installed; if not, it says so, and fails where tests must not be skipped. */
  static isInstalled(): boolean {
    return isInstalled(program('postgres'), 'Debian: apt install postgresql')
  }

  /** One that is not started yet. `tls`: the name in its certificate. */
  static async create({ tls }: { tls?: string } = {}): Promise<PostgresServer> {
    return new PostgresServer(await freePort(), mkdtempSync(join(tmpdir(), 'sluice-postgres-')), tls)
  }

  /** Of the superuser, with the password in it. */
  get url(): string {
    return `postgres://postgres:${encodeURIComponent(this.#password)}@127.0.0.1:${this.port}/postgres`
  }

  /** Starts it on its port; also again, with what was in it, after `kill`. */
  async start(): Promise<void> {
    const data = join(this.#folder, 'data')
    if (!existsSync(data)) this.#initialize(data)
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(program('postgres'), ['-D', data, ...settings], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...user(),
    })
    this.#process = child
    const signal = AbortSignal.timeout(START_LIMIT)
    for (let output = ''; !output.includes('ready to accept connections');) {
      const [chunk] = (await once(child.stderr, 'data', { signal })) as [Buffer]
      output += chunk.toString()
    }
    child.stderr.resume()
  }

  #initialize(data: string): void {
    const secret = join(this.#folder, 'password')
    writeFileSync(secret, this.#password)
    const { uid, gid } = user()
    if (uid !== undefined && gid !== undefined) {
      chownSync(this.#folder, uid, gid)
      for (const file of readdirSync(this.#folder)) chownSync(join(this.#folder, file), uid, gid)
    }
    chmodSync(this.#folder, 0o700)
    const options = [
      '--auth=scram-sha-256',
      `--pwfile=${secret}`,
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C',
    ]
    const made = spawnSync(program('initdb'), ['-D', data, '--no-sync', '--no-instructions', ...options], user())
    if (made.status !== 0) throw new Error(`initdb failed: ${String(made.stderr)}`)
  }

  /** Stops answering, with all connections open, until `thaw`. */
  freeze(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGCONT')
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const pids = this.#pids()
    this.#process = undefined
    for (const pid of pids) signal(pid, 'SIGKILL')
    while (pids.some(isAlive)) await wait(5)
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.thaw()
    const child = this.#process
    if (child) {
      const exit = once(child, 'exit')
      child.kill('SIGQUIT')
      await exit
    }
    process.off('exit', this.#onExit)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Its main process and, after it, those that it made. */
  #pids(): number[] {
    const pid = this.#process?.pid
    if (pid === undefined) return []
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return [pid, ...children.filter(Boolean).map(Number)]
  }
}

/** Debian keeps the server's programs out of the PATH. */
function program(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(DEBIAN, version, 'bin', name)).find(existsSync) ?? name
}

/** It refuses to run as root. */
function user(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/** The server ends processes of its own accord, also between a look at them and the signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
