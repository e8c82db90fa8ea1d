import { exchangeKey } from '@sluice/core'
import type { Target } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import type { Explanation } from '@sluice/route-kit'

/** What was said of one target. */
export interface Remarks {
  target: Target
  excluded: { plugin: string; reason: string }[]
  scores: { plugin: string; score: number; words: string }[]
}

/** Remarks that are kept of one exchange. */
const MOST = 5000

/** Takes down what plugins say of one exchange. */
export class Notebook implements Explanation {
  /** By name of the target, in the order in which they were met. */
  readonly targets = new Map<string, Remarks>()
  readonly orders: { plugin: string; targets: string[] }[] = []
  readonly notes: { plugin: string; text: string }[] = []
  /** What the model's name stands for; undefined until that is known. */
  candidates: readonly Target[] | undefined
  #left = MOST

  excluded(target: Target, plugin: string, reason: string): void {
    if (this.#left-- > 0) this.#of(target).excluded.push({ plugin, reason })
  }

  scored(target: Target, plugin: string, score: number, words: string): void {
    if (this.#left-- > 0) this.#of(target).scores.push({ plugin, score, words })
  }

  ordered(plugin: string, targets: readonly Target[]): void {
    if ((this.#left -= targets.length) > 0) this.orders.push({ plugin, targets: targets.map(targetName) })
  }

  note(plugin: string, text: string): void {
    if (this.#left-- > 0) this.notes.push({ plugin, text })
  }

  #of(target: Target): Remarks {
    const name = targetName(target)
    let remarks = this.targets.get(name)
    if (!remarks) this.targets.set(name, (remarks = { target, excluded: [], scores: [] }))
    return remarks
  }
}

/** The notebook of an exchange that is explained. */
export const NOTEBOOK = exchangeKey<Notebook>('route-explain/notebook')
