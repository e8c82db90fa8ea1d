import type { Target } from '@sluice/core'
import type { TargetRecord } from './target-record.ts'

/** A target that may serve the exchange. */
export interface Candidate {
  target: Target
  record: TargetRecord
  /** Lower comes first, whatever the scores are. */
  group: number
  /** Among those of a group, lower comes first. */
  score: number
}

/** Added to the group of those that come after all others. */
const LAST_RESORT = 1e9
/** Beyond so many, sorting by insertion takes too long. */
const FEW = 32

/** The candidates of one exchange at a time: their objects are used again, as nothing of them outlives a decision. */
export class Field {
  readonly #pool: Candidate[] = []
  #candidates: Candidate[] = []
  #best = Infinity

  clear(): void {
    this.#candidates = []
    this.#best = Infinity
  }

  get size(): number {
    return this.#candidates.length
  }

  /** In the order of the config until they are sorted. */
  get candidates(): readonly Candidate[] {
    return this.#candidates
  }

  /** @param isLastResort whether it may only serve if no other one does */
  add(target: Target, record: TargetRecord, isLastResort: boolean): void {
    const group = (target.priority ?? 0) + (isLastResort ? LAST_RESORT : 0)
    const place = this.#candidates.length
    const candidate = this.#pool[place]
    if (candidate) {
      candidate.target = target
      candidate.record = record
      candidate.group = group
      candidate.score = place
      this.#candidates.push(candidate)
    } else this.#candidates.push((this.#pool[place] = { target, record, group, score: place }))
    if (group < this.#best) this.#best = group
  }

  /** Whether it is in the group that comes first. */
  leads(candidate: Candidate): boolean {
    return candidate.group === this.#best
  }

  sort(): void {
    const list = this.#candidates
    if (list.length > FEW) return void list.sort(compare)
    for (let i = 1; i < list.length; i++) {
      const candidate = list[i]!
      let place = i
      for (; place > 0 && compare(candidate, list[place - 1]!) < 0; place--) list[place] = list[place - 1]!
      list[place] = candidate
    }
  }

  /** The targets as they are ordered; `given` itself if that is their order. */
  targets(given: readonly Target[]): readonly Target[] {
    const list = this.#candidates
    let place = 0
    while (place < list.length && list[place]!.target === given[place]) place++
    return place === given.length ? given : list.map(({ target }) => target)
  }
}

function compare(a: Candidate, b: Candidate): number {
  return a.group - b.group || a.score - b.score
}

/** 1 if the config says none, and among those that are drained: of them any will do. */
export function weightOf({ weight }: Target): number {
  return weight || 1
}
