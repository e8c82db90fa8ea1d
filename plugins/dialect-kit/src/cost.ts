import type { JsonObject, Usage } from '@sluice/core'

/** What a client is told of usage, with the cost in US dollars where that is known and asked for, as OpenRouter tells it. */
export function withCost(wire: JsonObject, { cost }: Usage): JsonObject {
  return cost === undefined ? wire : { ...wire, cost }
}
