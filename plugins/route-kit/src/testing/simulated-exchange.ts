import { ANONYMOUS, Exchange } from '@sluice/core'
import type { ChatRequest, Dialect, JsonObject, Operation, Principal } from '@sluice/core'

/** What an exchange is made of; all may be left out. */
export interface ExchangeGiven {
  model?: string
  operation?: Operation
  stream?: boolean
  headers?: { readonly [name: string]: string }
  principal?: Partial<Principal>
  /** As OpenAI's chat has it. Default: one short question. */
  body?: JsonObject
  /** The canonical request. Default: one short question. */
  request?: Partial<ChatRequest>
}

const QUESTION = 'How many roads must a man walk down?'
const BODY: JsonObject = { model: 'm', messages: [{ role: 'user', content: QUESTION }] }
const BYTES = Buffer.from(JSON.stringify(BODY))
const DIALECT = { name: 'openai-chat', codecs: {} } as unknown as Dialect

/** An exchange as hooks see it before an attempt. Its own moments are those of the real clock. */
export function simulatedExchange(given: ExchangeGiven = {}): Exchange {
  const { model = 'm', operation = 'chat', stream = false, headers = {}, principal, body = BODY, request } = given
  const exchange = new Exchange({
    method: 'POST',
    path: '/v1/chat/completions',
    search: '',
    params: {},
    headers,
    ip: '192.0.2.1',
    dialect: DIALECT,
    endpoint: { method: 'POST', path: '/v1/chat/completions', operation },
    revision: 1,
    log: undefined as never,
  })
  exchange.model = model
  exchange.stream = stream
  exchange.principal = { ...ANONYMOUS, ...principal }
  exchange.json = body
  exchange.body = body === BODY ? BYTES : Buffer.from(JSON.stringify(body))
  exchange.request = {
    operation: 'chat',
    model,
    stream,
    messages: [{ role: 'user', parts: [{ type: 'text', text: QUESTION }] }],
    extensions: {},
    ...request,
  }
  return exchange
}
