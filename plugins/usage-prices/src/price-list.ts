/** Finds the price of a target, once. */
import type { Gateway, ModelAbout, Static, Target } from '@sluice/core'
import type { NanoUsd, Prices, Quote } from '@sluice/usage-kit'
import { openCatalogue } from './catalogue.ts'
import type { Catalogue, Listed } from './catalogue.ts'
import type { Options, Price } from './options.ts'
import { Patterns } from './patterns.ts'
import { RateQuote } from './quote.ts'
import type { Band, Card } from './quote.ts'
import { rateOf } from './rates.ts'
import type { Kind, Rates } from './rates.ts'
import { sellersIn } from './seller.ts'
import type { Seller } from './seller.ts'

type Remembered = { quote: Quote | undefined; until: number }

/** Clients may ask for any model of a provider: beyond this many targets all are forgotten. */
const REMEMBERED = 10_000
const UNITS: ReadonlySet<string> = new Set<Kind>(['request', 'search', 'second'])
const FREE: Card = { source: 'own', bands: [{ above: 0, rates: { input: 0, output: 0 } }] }

export class PriceList implements Prices {
  readonly #configured: Patterns<Price>
  readonly #discounts: Patterns<number>
  readonly #margins: Patterns<number>
  readonly #catalogue: Catalogue | undefined
  readonly #now: () => number
  /** What the config says of models in `about`, by target. */
  readonly #abouts = new Map<string, Card>()
  /** Of targets for which the config sets a price of their own. */
  readonly #own = new WeakMap<ModelAbout, Quote>()
  #sellers: ReadonlyMap<string, Seller> = new Map()
  readonly #remembered = new Map<string, Map<string, Remembered>>()
  #count = 0

  /** @param now milliseconds since the epoch */
  constructor({ prices, discount, margin, catalogue = true }: Static<typeof Options>, now: () => number = Date.now) {
    this.#configured = new Patterns(prices)
    this.#discounts = new Patterns(discount)
    this.#margins = new Patterns(margin)
    this.#catalogue = catalogue ? openCatalogue() : undefined
    this.#now = now
  }

  /** Whose providers and models these are; before this only what the options say is known. */
  learnFrom(gateway: Gateway): void {
    this.#sellers = sellersIn(gateway)
    const targets = new Map(gateway.inspect().models.map((model) => [model.name, model.targets]))
    for (const { name, about = {} } of gateway.models()) {
      const card = aboutCard(about)
      if (!card) continue
      for (const target of targets.get(name) ?? []) if (!this.#abouts.has(target)) this.#abouts.set(target, card)
    }
  }

  quote({ provider, model, about }: Target): Quote | undefined {
    if (about) {
      const own = this.#own.get(about) ?? this.#ownQuote(about, `${provider}/${model}`)
      if (own) return own
    }
    const known = this.#remembered.get(provider)?.get(model)
    if (known && (known.until === Infinity || known.until > this.#now())) return known.quote
    return this.#find(provider, model)
  }

  /** Whether this gateway itself answers as this provider. */
  isOwn(provider: string): boolean {
    return this.#sellers.get(provider)?.own === true
  }

  /** What is put on a cost that was not found here. */
  withMargin(nanoUsd: NanoUsd, { provider, model }: Target): NanoUsd {
    return Math.round(nanoUsd * (1 + (this.#margins.find(`${provider}/${model}`) ?? 0)))
  }

  #ownQuote(about: ModelAbout, name: string): Quote | undefined {
    const card = aboutCard(about)
    if (!card) return undefined
    const quote = new RateQuote(card, 1 + (this.#margins.find(name) ?? 0))
    this.#own.set(about, quote)
    return quote
  }

  #find(provider: string, model: string): Quote | undefined {
    const name = `${provider}/${model}`
    const margin = 1 + (this.#margins.find(name) ?? 0)
    const configured = this.#configured.find(name)
    const own = configured ? configuredCard(configured) : this.#abouts.get(name)
    let found: Remembered
    if (own) found = { quote: new RateQuote(own, margin), until: Infinity }
    else {
      const listed = this.#listed(provider, model)
      const factor = margin * (1 - (this.#discounts.find(name) ?? 0))
      found = { quote: listed && new RateQuote(listed.card, factor), until: listed?.until ?? Infinity }
    }
    this.#remember(provider, model, found)
    return found.quote
  }

  #listed(provider: string, model: string): Listed | undefined {
    const seller = this.#sellers.get(provider)
    if (seller?.own) return { card: FREE, until: Infinity }
    return seller && this.#catalogue?.(seller, model, this.#now())
  }

  #remember(provider: string, model: string, found: Remembered): void {
    if (++this.#count > REMEMBERED) {
      this.#remembered.clear()
      this.#count = 1
    }
    const models = this.#remembered.get(provider) ?? new Map<string, Remembered>()
    this.#remembered.set(provider, models.set(model, found))
  }
}

/** Each tier changes what the one below it says. */
function configuredCard({ tiers = [], ...dollars }: Price): Card {
  let rates = ratesIn(dollars)
  const bands: [Band, ...Band[]] = [{ above: 0, rates }]
  for (const { above, ...changed } of tiers.toSorted((a, b) => a.above - b.above)) {
    rates = Object.assign({}, rates, ratesIn(changed))
    bands.push({ above, rates })
  }
  return { source: 'config', bands }
}

function aboutCard({ inputPrice, outputPrice }: ModelAbout): Card | undefined {
  if (inputPrice === undefined && outputPrice === undefined) return undefined
  const rates = ratesIn({
    ...(inputPrice !== undefined && { input: inputPrice }),
    ...(outputPrice !== undefined && { output: outputPrice }),
  })
  return { source: 'config', bands: [{ above: 0, rates }] }
}

function ratesIn(dollars: { readonly [K in Kind]?: number }): Rates {
  const entries = Object.entries(dollars) as [Kind, number][]
  return Object.fromEntries(entries.map(([kind, amount]) => [kind, rateOf(amount, UNITS.has(kind) ? 1 : 1e6)]))
}
