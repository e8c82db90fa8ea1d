/** Whether the chain is whole. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Journal, Row } from '@sluice/store-kit'
import { entriesOf, hashOf, idOf, JOURNAL, START } from './row.ts'
import type { Hash, Place } from './row.ts'
import type { Seal } from './seal.ts'

/** `count` rows are as they were written; the next one, if there is a `broken`, is not. */
export type Verdict = {
  ok: boolean
  count: number
  /** The last row that is. */
  head: Place
  broken?: { sequence: number; problem: string }
}

/** What was pruned, as a row of the chain says. */
export const PRUNE = 'audit.prune'
/** Rows that are read at once. */
const CHUNK = 500

export class Verifier {
  readonly #journal: Journal
  readonly #hash: Hash
  readonly #seal: Seal
  #running: Promise<Verdict> | undefined

  constructor(journal: Journal, hash: Hash, seal: Seal) {
    this.#journal = journal
    this.#hash = hash
    this.#seal = seal
  }

  /** Walks the whole chain. @param noted a row that must be there, as somebody wrote it down earlier */
  async verify(noted?: Place): Promise<Verdict> {
    if (noted) return this.#walk([noted, ...(await this.#seal.places())])
    // It costs as much as the trail is long: whoever asks meanwhile gets the same answer.
    this.#running ??= this.#seal
      .places()
      .then((places) => this.#walk(places))
      .finally(() => (this.#running = undefined))
    return this.#running
  }

  async #walk(places: readonly Place[]): Promise<Verdict> {
    const walk = new Walk(this.#hash, places)
    for (let after: { time: number; id: string } | undefined; ;) {
      const rows = await this.#journal.read(JOURNAL, {}, { limit: CHUNK, ...(after && { after }) })
      for (const row of rows) {
        const problem = walk.step(row)
        if (problem !== undefined) return walk.verdict(problem)
      }
      const last = rows.at(-1)
      if (!last || rows.length < CHUNK) return walk.verdict(walk.end())
      after = { time: last.time, id: last.id }
      await turn()
    }
  }
}

class Walk {
  readonly #hash: Hash
  readonly #places: readonly Place[]
  /** What the first row says is before it. */
  #start: Place | undefined
  /** Whether a row says that what was before the first one was pruned. */
  #isAnchored = false
  #last: Place = START
  #count = 0

  constructor(hash: Hash, places: readonly Place[]) {
    this.#hash = hash
    this.#places = places
  }

  /** Takes the next row. @returns what is wrong with it */
  step(row: Row): string | undefined {
    const { id, data } = row
    const sequence = Number(id)
    if (this.#start === undefined) {
      this.#start = { sequence: sequence - 1, hash: String(data['prev']) }
      if (sequence > 1) this.#last = this.#start
    }
    const last = this.#last
    if (id !== idOf(sequence)) return `There is a row "${id.slice(0, 50)}" that was not written here.`
    if (sequence <= last.sequence) {
      this.#last = { ...START, sequence: sequence - 1 }
      return 'The row is not in the place where it was written.'
    }
    if (sequence > last.sequence + 1) return 'The row is missing.'
    if (data['prev'] !== last.hash) return 'The row does not follow from the one before.'
    if (data['hash'] !== hashOf(row, last.hash, this.#hash)) return 'The row has been changed.'
    if (this.#places.some((place) => place.sequence === sequence && place.hash !== data['hash']))
      return 'The row is not the one that was written.'
    this.#last = { sequence, hash: data['hash'] }
    this.#count++
    if ((data['action'] as readonly string[]).includes(PRUNE)) this.#lookForAnchor(row)
    return undefined
  }

  #lookForAnchor(row: Row): void {
    const { sequence, hash } = this.#start!
    this.#isAnchored ||= entriesOf(row).some(({ action, details }) => {
      return action === PRUNE && details?.['sequence'] === sequence && details['hash'] === hash
    })
  }

  /** @returns what is missing after the last row */
  end(): string | undefined {
    if (this.#start !== undefined && this.#start.sequence > 0 && !this.#isAnchored) {
      this.#last = { ...START, sequence: this.#start.sequence - 1 }
      this.#count = 0
      return 'The rows up to this one are missing, and none says that they were pruned.'
    }
    return this.#places.some(({ sequence }) => sequence > this.#last.sequence) ? 'The row is missing.' : undefined
  }

  verdict(problem: string | undefined): Verdict {
    const { sequence, hash } = this.#last
    const verdict = { ok: problem === undefined, count: this.#count, head: { sequence, hash } }
    return problem === undefined ? verdict : { ...verdict, broken: { sequence: sequence + 1, problem } }
  }
}
