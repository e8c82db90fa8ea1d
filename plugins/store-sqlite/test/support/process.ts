import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Another process that works on a database file, and says what it has done, line by line. */
export class Worker {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  /** @param script a file of this folder */
  constructor(script: string, ...args: string[]) {
    const path = new URL(script, import.meta.url).pathname
    this.#child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const reader = createInterface({ input: this.#child.stdout! })
    reader.on('line', (line) => this.lines.push(line))
    this.#ended = Promise.all([once(reader, 'close'), once(this.#child, 'exit')])
  }

  /** Settles when it has said so many lines. */
  async said(count: number): Promise<void> {
    while (this.lines.length < count) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  /** Ends it as nothing else does. Settles when all that it said has been read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
