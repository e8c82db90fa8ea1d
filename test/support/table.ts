/** Counts what passed, by pair, for a table of clients and upstreams. */
import { DIALECTS } from './dialect-names.ts'
import type { DialectName } from './dialect-names.ts'

export interface Cell {
  client: DialectName
  upstream: DialectName
  isStream: boolean
}

export class Table {
  readonly #passed = new Map<string, number>()
  readonly #failed = new Map<string, number>()

  /** Runs one case. */
  async count(cell: Cell, run: () => Promise<unknown>): Promise<void> {
    try {
      await run()
      add(this.#passed, keyOf(cell))
    } catch (error) {
      add(this.#failed, keyOf(cell))
      throw error
    }
  }

  /** A line for each client; a cell is the cases that passed, `JSON/stream`, and those that did not. */
  print(title: string): void {
    const rows = DIALECTS.map((client) => [client, ...DIALECTS.map((upstream) => this.#cell(client, upstream))])
    const lines = [[`client \\ upstream`, ...DIALECTS], ...rows].map(([head = '', ...cells]) =>
      [head.padEnd(18), ...cells.map((cell) => cell.padStart(18))].join(''),
    )
    process.stdout.write(`\n${title}, passed JSON/stream\n${lines.join('\n')}\n`)
  }

  #cell(client: DialectName, upstream: DialectName): string {
    const of = (counts: Map<string, number>, isStream: boolean): number =>
      counts.get(keyOf({ client, upstream, isStream })) ?? 0
    const failed = of(this.#failed, false) + of(this.#failed, true)
    return `${of(this.#passed, false)}/${of(this.#passed, true)}${failed > 0 ? ` (${failed} failed)` : ''}`
  }
}

function keyOf({ client, upstream, isStream }: Cell): string {
  return `${client} ${upstream} ${isStream ? 'stream' : 'JSON'}`
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
