import { ANONYMOUS, Exchange } from '@sluice/core'
import type { Operation, Principal } from '@sluice/core'

export interface Given {
  principal?: Partial<Principal>
  model?: string
  operation?: Operation
  ip?: string
  parent?: Exchange
}

/** An exchange of which the caller and the model are known. */
export function exchangeOf({
  principal,
  model = 'm',
  operation = 'chat',
  ip = '10.0.0.1',
  parent,
}: Given = {}): Exchange {
  const exchange = new Exchange({ endpoint: { operation }, dialect: { name: 'x' }, headers: {}, ip, parent } as never)
  exchange.model = model
  exchange.principal = { ...ANONYMOUS, ...principal }
  return exchange
}
