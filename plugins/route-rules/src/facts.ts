import { exchangeKey } from '@sluice/core'
import type { ChatRequest, Exchange, Part } from '@sluice/core'
import { estimateTokens } from '@sluice/usage-kit'
import { languageOf } from './language.ts'

/** The model without the version or variant that the client put behind its name. */
export const BARE_MODEL = exchangeKey<string>('route-rules/bare-model')

/** UTF-16 units of a prompt whose language is looked at. */
const LOOKED_AT = 2048

/** What rules ask about an exchange. What costs something is found out when it is asked for, and once. */
export class Facts {
  readonly exchange: Exchange
  /** The model's name as the client wrote it, and without what stands behind it. */
  readonly model: string
  readonly bareModel: string
  /** Milliseconds since the epoch. */
  readonly now: number
  #tokens: number | undefined
  #language: string | undefined

  constructor(exchange: Exchange, now: number) {
    this.exchange = exchange
    this.model = exchange.model
    this.bareModel = exchange.get(BARE_MODEL) ?? exchange.model
    this.now = now
  }

  /** Of input, estimated from above. */
  get tokens(): number {
    return (this.#tokens ??= estimateTokens(this.exchange).input)
  }

  /** ISO 639 code, `unknown` where it cannot be told. */
  get language(): string {
    return (this.#language ??= languageOf(promptOf(this.exchange)) ?? 'unknown')
  }

  /** What the request says in `metadata`. */
  get metadata(): object | undefined {
    const { exchange } = this
    if (exchange.raw) return undefined
    const written = exchange.body.length > 0 ? exchange.json['metadata'] : (exchange.request as ChatRequest).metadata
    return typeof written === 'object' && written !== null ? written : undefined
  }
}

/** The last that the user wrote, and what was before it as far as there is room. */
function promptOf(exchange: Exchange): string {
  if (exchange.raw) return ''
  const { request } = exchange
  if ('query' in request) return request.query.slice(0, LOOKED_AT)
  if ('inputs' in request) return textIn(request.inputs, LOOKED_AT)
  if (!('messages' in request)) return ''
  let text = ''
  for (let i = request.messages.length - 1; i >= 0 && text.length < LOOKED_AT; i--) {
    const { role, parts } = request.messages[i]!
    if (role === 'user') text += `${textIn(parts, LOOKED_AT - text.length)}\n`
  }
  return text
}

function textIn(items: readonly (string | number[] | Part | Part[])[], room: number): string {
  let text = ''
  for (let i = 0; i < items.length && text.length < room; i++) {
    const item = items[i]!
    if (typeof item === 'string') text += `${item.slice(0, room)} `
    else if ('text' in item && item.type === 'text') text += `${item.text.slice(0, room)} `
  }
  return text.slice(0, room)
}
