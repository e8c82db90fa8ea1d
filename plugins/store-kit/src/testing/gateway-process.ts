/** A gateway as operators start it: in processes of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a process of the gateway says: which it is, and what was asked for. */
export interface ProcessAnswer<T> {
  pid: number
  value: T
}

export class GatewayProcess {
  /** Milliseconds that three processes may take to start on a busy machine. */
  static readonly START_LIMIT = 30_000
  readonly #config: string
  #process: ChildProcess | undefined
  #url = ''

  /** @param config its file; it listens on port 0, and its routes answer a JSON `ProcessAnswer` each */
  constructor(config: string) {
    this.#config = config
  }

  /** Resolves when it listens. @throws Error if it ends before */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [cli(), 'start', '--config', this.#config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    this.#url = await new Promise((resolve, reject) => {
      let text = ''
      child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}: ${text}`)))
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more
        const [found] = /http:\/\/\S+/.exec(text) ?? []
        if (found) resolve(found)
      })
    })
  }

  /** Has it drain. Resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#process?.kill('SIGTERM')) await once(this.#process, 'exit')
  }

  /** Sends a GET to one of its processes. */
  async ask<T>(path: string): Promise<ProcessAnswer<T>> {
    const response = await fetch(this.#url + path)
    return (await response.json()) as ProcessAnswer<T>
  }
}

/** The command line of the gateway, written or built as the kernel is that is found. */
function cli(): string {
  const kernel = import.meta.resolve('@sluice/core')
  return fileURLToPath(new URL(`cli/main${extname(kernel)}`, kernel))
}
