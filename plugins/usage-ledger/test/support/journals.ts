/** Journals for what goes wrong: one that fails when told to, one in a file that outlives its process. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { definePlugin, Type } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { Journal } from '@sluice/store-kit'
import type { Row, Sum } from '@sluice/store-kit'

/** Rows by id, in the order in which they came. Sums are not what it is for. */
export class TestJournal implements Journal {
  readonly rows = new Map<string, Row>()
  /** Rows that came a second time. */
  again = 0
  isDown = false

  append(_journal: string, rows: readonly Row[]): Promise<string[]> {
    if (this.isDown) return Promise.reject(new Error('the journal is down'))
    const fresh = rows.filter(({ id }) => !this.rows.has(id))
    this.again += rows.length - fresh.length
    for (const row of fresh) this.rows.set(row.id, row)
    this.keep(fresh)
    return Promise.resolve(fresh.map(({ id }) => id))
  }

  protected keep(_rows: readonly Row[]): void {}

  find(_journal: string, id: string): Promise<Row | undefined> {
    return this.isDown ? Promise.reject(new Error('the journal is down')) : Promise.resolve(this.rows.get(id))
  }

  read(): Promise<Row[]> {
    return Promise.resolve([...this.rows.values()])
  }

  sum(): Promise<Sum[]> {
    return Promise.resolve([])
  }

  prune(): Promise<number> {
    return Promise.resolve(0)
  }
}

export class FileJournal extends TestJournal {
  readonly #path: string

  constructor(path: string) {
    super()
    this.#path = path
    if (!existsSync(path)) return
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '' || !line.endsWith('}}')) continue
      const row = JSON.parse(line) as Row
      if (this.rows.has(row.id)) throw new Error(`twice: ${row.id}`)
      this.rows.set(row.id, row)
    }
  }

  protected override keep(rows: readonly Row[]): void {
    appendFileSync(this.#path, rows.map((row) => `\n${JSON.stringify(row)}`).join(''))
  }
}

/** Provides `journal`. Name it in the config's `capabilities`: `{ Journal: 'test-journal' }`. */
export function journalPlugin(journal: Journal): PluginInstance {
  return definePlugin({
    name: 'test-journal',
    version: '1.0.0',
    api: 1,
    provides: [Journal],
    options: Type.Object({}, { additionalProperties: false }),
    setup: ({ provide }) => provide(Journal, journal),
  })()
}
