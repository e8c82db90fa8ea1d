/** The bundled price list of `@pydantic/genai-prices`: what vendors ask in public. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { calcPrice } from '@pydantic/genai-prices'
import type { ModelPrice } from '@pydantic/genai-prices'
import type { Band, Card } from './quote.ts'
import { rateOf } from './rates.ts'
import type { Kind, Rates } from './rates.ts'
import type { Seller } from './seller.ts'

const PACKAGE = '@pydantic/genai-prices'
const MILLION = 1e6

/** The catalogue's word for a price, the kind it is for, and of how many it is the price. */
const PRICES: readonly [key: string, kind: Kind, per: number][] = [
  ['input_mtok', 'input', MILLION],
  ['cache_read_mtok', 'cacheRead', MILLION],
  ['cache_write_mtok', 'cacheWrite', MILLION],
  ['cache_write_1h_mtok', 'cacheWrite1h', MILLION],
  ['input_audio_mtok', 'audio', MILLION],
  ['input_image_mtok', 'image', MILLION],
  ['output_mtok', 'output', MILLION],
  ['output_reasoning_mtok', 'reasoning', MILLION],
  ['output_audio_mtok', 'outputAudio', MILLION],
  ['output_image_mtok', 'outputImage', MILLION],
  ['requests_kcount', 'request', 1e3],
  ['web_searches_kcount', 'search', 1e3],
  ['rerank_searches_kcount', 'search', 1e3],
  ['audio_hours', 'second', 3600],
  ['input_audio_hours', 'second', 3600],
]

/** `until`: the price may be another one from then on, as where it depends on the time of day. */
export type Listed = { card: Card; until: number }

/** @param now milliseconds since the epoch. Some tens of microseconds: remember what it says. */
export type Catalogue = (seller: Omit<Seller, 'own'>, model: string, now: number) => Listed | undefined

export function openCatalogue(): Catalogue {
  const source = `genai-prices ${installedVersion()}`
  return ({ vendor, address }, model, now) => {
    // Asked for nobody's price it would guess by the model's name.
    if (vendor === undefined && address === undefined) return undefined
    const who = vendor === undefined ? { providerApiUrl: address! } : { providerId: vendor }
    const found = calcPrice({}, model, { ...who, timestamp: new Date(now) })
    const bands = found && bandsOf(found.model_price)
    if (!bands) return undefined
    const until = Array.isArray(found.model.prices) ? nextMinute(now) : Infinity
    return { card: { source, bands }, until }
  }
}

/** Undefined if nothing is in it that can be counted here. */
function bandsOf(price: ModelPrice): [Band, ...Band[]] | undefined {
  const starts = new Set<number>()
  for (const value of Object.values(price)) {
    if (typeof value === 'object') for (const { start } of value.tiers) starts.add(start)
  }
  const base = ratesAbove(price, 0)
  if (Object.keys(base).length === 0) return undefined
  const tiers = [...starts].sort((a, b) => a - b).map((above) => ({ above, rates: ratesAbove(price, above) }))
  return [{ above: 0, rates: base }, ...tiers]
}

/** What holds for inputs of just more than `tokens` tokens. */
function ratesAbove(price: ModelPrice, tokens: number): Rates {
  const rates: { [K in Kind]?: number } = {}
  for (const [key, kind, per] of PRICES) {
    const value = price[key]
    if (value === undefined || rates[kind] !== undefined) continue
    let dollars = typeof value === 'number' ? value : value.base
    if (typeof value === 'object') for (const tier of value.tiers) if (tier.start <= tokens) dollars = tier.price
    rates[kind] = rateOf(dollars, per)
  }
  return rates
}

function nextMinute(now: number): number {
  return now - (now % 60_000) + 60_000
}

/** The package does not let its manifest be imported. */
function installedVersion(): string {
  const entry = createRequire(import.meta.url).resolve(PACKAGE)
  const manifest = readFileSync(`${entry.slice(0, entry.lastIndexOf('/dist/'))}/package.json`, 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
