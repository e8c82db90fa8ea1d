/**
 * What clients want of targets: OpenRouter's body field `provider` and the variants `:nitro` and `:floor` behind a
 * model's name. Source: openrouter.ai/docs, "Provider Routing" and "Model Variants".
 */
import { checkValue, exchangeKey, invalidRequest, Type } from '@sluice/core'
import type { Exchange, Static } from '@sluice/core'

const Names = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 }))
const Price = Type.Optional(Type.Number({ minimum: 0 }))
const Flag = Type.Optional(Type.Boolean())

const Field = Type.Object(
  {
    order: Names,
    only: Names,
    ignore: Names,
    sort: Type.Optional(Type.Enum(['price', 'throughput', 'latency'])),
    /** Dollars for a million tokens. */
    max_price: Type.Optional(Type.Object({ prompt: Price, completion: Price }, { additionalProperties: false })),
    require_parameters: Flag,
    data_collection: Type.Optional(Type.Enum(['allow', 'deny'])),
    allow_fallbacks: Flag,
  },
  { additionalProperties: false },
)
export type Preferences = Static<typeof Field>

/** Variants of models, and how they sort. */
export const VARIANTS: ReadonlyMap<string, NonNullable<Preferences['sort']>> = new Map([
  ['nitro', 'throughput'],
  ['floor', 'price'],
])

const PREFERENCES = exchangeKey<Preferences>('route-rules/preferences')

export function preferencesOf(exchange: Exchange): Preferences | undefined {
  return exchange.get(PREFERENCES)
}

/** What is said later wins: a sort that the field names, over that of a variant. */
export function prefer(exchange: Exchange, preferences: Preferences): void {
  exchange.set(PREFERENCES, { ...exchange.get(PREFERENCES), ...preferences })
}

/** @throws GatewayError `invalid_request` with the field that is wrong */
export function readPreferences(written: unknown): Preferences {
  const [mistake] = checkValue(Field, written)
  if (!mistake) return written as Preferences
  const at = mistake.at === '' ? 'provider' : `provider.${mistake.at}`
  throw invalidRequest(`"${at}": ${mistake.text}`, at)
}
