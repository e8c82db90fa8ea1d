/** A price that has been found: what usage costs by it. */
import type { Exchange, Usage } from '@sluice/core'
import { tokenKinds } from '@sluice/usage-kit'
import type { Cost, NanoUsd, Quote } from '@sluice/usage-kit'
import { Bill, completed, scaled } from './rates.ts'
import type { Rates } from './rates.ts'
import { unitsIn } from './units.ts'

/** Rates that hold for inputs of more than `above` tokens; a later one takes over from an earlier one. */
export type Band = { above: number; rates: Rates }
/** A price as somebody gives it. The first band is for all inputs. */
export type Card = { source: string; bands: readonly [Band, ...Band[]] }

export class RateQuote implements Quote {
  readonly #source: string
  readonly #bands: readonly Band[]

  constructor({ source, bands }: Card, factor: number) {
    this.#source = source
    this.#bands = bands.map(({ above, rates }) => ({ above, rates: completed(scaled(rates, factor)) }))
  }

  cost(usage: Usage, exchange?: Exchange): Cost | null {
    const rates = this.#ratesFor(usage.input.total)
    const tokens = tokenKinds(usage)
    const units = unitsIn(usage)
    const anHour = Math.min(units.cacheWrite1h, tokens.cacheWrite)
    const bill = new Bill()
    bill.add(tokens.input, rates.input)
    bill.add(tokens.cacheRead, rates.cacheRead)
    bill.add(tokens.cacheWrite - anHour, rates.cacheWrite)
    bill.add(anHour, rates.cacheWrite1h)
    bill.add(tokens.audio, rates.audio)
    bill.add(tokens.image, rates.image)
    bill.add(tokens.output, rates.output)
    bill.add(tokens.reasoning, rates.reasoning)
    bill.add(tokens.outputAudio, rates.outputAudio)
    bill.add(tokens.outputImage, rates.outputImage)
    bill.add(units.searches, rates.search)
    bill.add(units.seconds, rates.second)
    if (rates.request !== undefined) bill.add(1, rates.request)
    else if (isCountedOtherwise(usage, units.searches + units.seconds)) return null
    if (!bill.isKnown) return null
    const cost: Cost = { nanoUsd: bill.nanoUsd, source: this.#source, rates }
    if (!tokens.clamped) return cost
    exchange?.log.warn({ usage }, 'the usage contradicts itself: a part is larger than its whole')
    return { ...cost, clamped: true }
  }

  most(inputTokens: number, outputTokens: number): NanoUsd {
    let most = 0
    for (const { above, rates } of this.#bands) {
      if (above > 0 && above >= inputTokens) break
      const { input = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0, audio = 0, image = 0 } = rates
      const { output = 0, reasoning = 0, outputAudio = 0, outputImage = 0 } = rates
      const bill = new Bill()
      bill.add(inputTokens, Math.max(input, cacheRead, cacheWrite, cacheWrite1h, audio, image))
      bill.add(outputTokens, Math.max(output, reasoning, outputAudio, outputImage))
      bill.add(1, rates.request ?? 0)
      most = Math.max(most, bill.nanoUsd)
    }
    return most
  }

  #ratesFor(inputTokens: number): Rates {
    let { rates } = this.#bands[0]!
    for (const band of this.#bands) if (inputTokens > band.above) rates = band.rates
    return rates
  }
}

/** Whether the provider counted something, such as pages, that is not known here: no tokens is then not nothing. */
function isCountedOtherwise({ input, output, raw }: Usage, units: number): boolean {
  return raw !== undefined && input.total === 0 && output.total === 0 && units === 0
}
