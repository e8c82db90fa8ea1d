/** `usage.cost` in replies to those who ask for it. */
import { exchangeKey } from '@sluice/core'
import type { CanonicalRequest, CanonicalResponse, Exchange, Extensions, StreamStage, Usage } from '@sluice/core'
import { dollars, stepsOf } from '@sluice/usage-kit'
import type { Pricing } from './pricing.ts'

const HEADER = 'x-sluice-include-cost'
/** How it was asked for; only what stands in the body has to be taken out of it. */
const ASKED = exchangeKey<'body' | 'header'>('usage-prices/include')

export const isAsked = (exchange: Exchange): boolean => exchange.get(ASKED) !== undefined

/** Notes whether the client asks: OpenRouter's `usage: { include: true }`, or a header. Must run while the body is parsed. */
export function noteAsked(exchange: Exchange): void {
  if (exchange.operation === 'operator' || exchange.raw) return
  const { usage } = exchange.json
  if (typeof usage === 'object' && usage !== null && 'include' in usage && usage.include === true)
    exchange.set(ASKED, 'body')
  else if (exchange.headers[HEADER] === 'true') exchange.set(ASKED, 'header')
}

/** The request without the question, which most providers refuse, and with a stream that ends in usage. */
export function withoutQuestion(request: CanonicalRequest, exchange: Exchange): CanonicalRequest | undefined {
  const isStream = request.operation === 'chat' && request.stream && !request.includeUsage
  if (exchange.get(ASKED) === 'header' && !isStream) return undefined
  const extensions: Extensions = {}
  for (const [dialect, { usage: _, ...rest }] of Object.entries(request.extensions)) extensions[dialect] = rest
  return { ...request, extensions, ...(isStream && { includeUsage: true }) }
}

export function withCost<R extends CanonicalResponse>(
  response: R,
  exchange: Exchange,
  pricing: Pricing,
): R | undefined {
  const usage = response.usage && priced(response.usage, exchange, pricing)
  return usage && { ...response, usage }
}

export function costStage(exchange: Exchange, pricing: Pricing): StreamStage {
  return {
    push(part) {
      const usage = part.type === 'usage' ? priced(part.usage, exchange, pricing) : undefined
      return [usage ? { type: 'usage', usage } : part]
    },
  }
}

/** Undefined if nobody knows what it costs: no cost is then told, rather than a wrong one. */
function priced(usage: Usage, exchange: Exchange, pricing: Pricing): Usage | undefined {
  const { nanoUsd } = stepsOf(exchange) ?? pricing.costOf(usage, exchange) ?? { nanoUsd: null }
  return nanoUsd === null ? undefined : { ...usage, cost: dollars(nanoUsd) }
}
