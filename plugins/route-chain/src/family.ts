/** Chains may call chains: what bounds them is looked after along the line. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Exchange } from '@sluice/core'

/** Chains within chains, the outermost counted. */
const DEEPEST = 5
/** Calls of models that one request of a client may lead to. */
const MOST_CALLS = 1000

/** What all chains of one request have in common, and the names of those that an exchange stands below. */
export interface Family {
  readonly line: readonly string[]
  readonly shared: { calls: number }
}

const FAMILY = exchangeKey<Family>('route-chain/family')

/** Enters a chain. @throws GatewayError `invalid_request` if it is too deep */
export function enterFamily(chain: string, exchange: Exchange): Family {
  const above = familyAbove(exchange)
  const family = { line: [...(above?.line ?? []), chain], shared: above?.shared ?? { calls: 0 } }
  if (family.line.length > DEEPEST) {
    throw refusal(`chains may stand ${DEEPEST} deep, and here is ${family.line.join(' → ')}.`)
  }
  exchange.set(FAMILY, family)
  return family
}

/** @throws GatewayError `invalid_request` if it is one call too many */
export function countCall({ shared }: Family): void {
  if (++shared.calls > MOST_CALLS) throw refusal(`one request may lead to ${MOST_CALLS} calls of models.`)
}

function familyAbove(exchange: Exchange): Family | undefined {
  for (let above = exchange.start.parent; above; above = above.start.parent) {
    const family = above.get(FAMILY)
    if (family) return family
  }
  return undefined
}

function refusal(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param: 'model' })
}
