/** An exchange as rules see it, without a gateway. */
import { ANONYMOUS } from '@sluice/core'
import type { Exchange, JsonObject, Principal } from '@sluice/core'

export interface Asked {
  id?: string
  model?: string
  operation?: string
  principal?: Principal
  headers?: { readonly [name: string]: string }
  /** What the user writes. */
  text?: string
  metadata?: JsonObject
}

export function exchangeOf(asked: Asked = {}): Exchange {
  const { id = 'x', model = 'm', operation = 'chat', principal = ANONYMOUS, headers = {}, text = '', metadata } = asked
  const messages = [{ role: 'user', content: text }]
  const json = { model, messages, ...(metadata && { metadata }) }
  const data = new Map<unknown, unknown>()
  const exchange = {
    id,
    model,
    operation,
    principal,
    headers,
    json,
    body: Buffer.from(JSON.stringify(json)),
    dialect: { name: 'openai-chat' },
    request: {
      operation: 'chat',
      model,
      stream: false,
      messages: [{ role: 'user', parts: [{ type: 'text', text }] }],
      extensions: {},
    },
    targets: [],
    get: (key: object) => data.get(key),
    set: (key: object, value: unknown) => void data.set(key, value),
  }
  return exchange as unknown as Exchange
}
