/** A journal whose rows can be tampered with, and which can be out of reach. */
import { definePlugin } from '@sluice/core'
import { Journal } from '@sluice/store-kit'
import type { Filter, Page, Row, Scalar, Sum } from '@sluice/store-kit'

export class TestJournal implements Journal {
  rows: Row[] = []
  /** `away`: nothing answers. `deaf`: what is sent arrives, and the answer is lost. */
  state: 'there' | 'away' | 'deaf' = 'there'
  appends = 0
  /** Of each append, in rounds of the event loop. */
  delay = 0

  async append(_: string, rows: readonly Row[]): Promise<string[]> {
    await this.#answer()
    this.appends++
    const fresh = rows.filter(({ id }) => !this.rows.some((row) => row.id === id))
    this.rows.push(...structuredClone(fresh))
    if (this.state === 'deaf') throw new Error('timed out')
    return fresh.map(({ id }) => id)
  }

  async find(_: string, id: string): Promise<Row | undefined> {
    await this.#answer()
    return structuredClone(this.rows.find((row) => row.id === id))
  }

  async read(_: string, { from = -Infinity, to = Infinity, where = {} }: Filter = {}, page: Page = {}): Promise<Row[]> {
    await this.#answer()
    const { after, limit = 100, newestFirst = false } = page
    const sign = newestFirst ? -1 : 1
    const order = (a: Pick<Row, 'time' | 'id'>, b: Pick<Row, 'time' | 'id'>): number =>
      sign * (a.time - b.time || (a.id < b.id ? -1 : Number(a.id > b.id)))
    const wanted = this.rows
      .filter(({ time }) => time >= from && time < to)
      .filter(({ data }) => Object.entries(where).every(([field, value]) => meets(data[field], value)))
      .filter((row) => !after || order(after, row) < 0)
    return structuredClone(wanted.toSorted(order).slice(0, limit))
  }

  sum(): Promise<Sum[]> {
    return Promise.resolve([])
  }

  prune(_: string, before: number): Promise<number> {
    const count = this.rows.length
    this.rows = this.rows.filter(({ time }) => time >= before)
    return Promise.resolve(count - this.rows.length)
  }

  async #answer(): Promise<void> {
    for (let turn = 0; turn < this.delay; turn++) await new Promise(setImmediate)
    if (this.state === 'away') throw new Error('nobody answers')
  }
}

function meets(value: Row['data'][string] | undefined, wanted: Scalar | readonly Scalar[]): boolean {
  const values = Array.isArray(value) ? (value as readonly Scalar[]) : [(value ?? null) as Scalar]
  return values.some((each) => [wanted].flat().includes(each))
}

/** Provides it to a gateway. */
export const testJournal = (journal: Journal) =>
  definePlugin({
    name: 'test-journal',
    version: '1.0.0',
    api: 1,
    provides: [Journal],
    setup: ({ provide }) => provide(Journal, journal),
  })()
