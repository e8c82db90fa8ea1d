/** Keeps answers: once they are whole, and before their clients know. */
import { exchangeKey } from '@sluice/core'
import type { ChatRequest, ChatResponse, Exchange, JsonObject, ReplyContext } from '@sluice/core'
import { echoed, envelopeOf } from './echo.ts'
import { inputItems } from './items.ts'
import { ownerOf } from './records.ts'
import type { Records, ResponseRecord } from './records.ts'
import type { State } from './state.ts'
import { ResponseStage } from './stage.ts'

/** What the provider counted, in its own words: they are put back for whoever bills. */
export const RAW_USAGE = exchangeKey<JsonObject>('store-responses/usage')

export class Keeper {
  readonly #records: Records
  readonly #size: number

  /** @param size bytes of a record at most */
  constructor(records: Records, size: number) {
    this.#records = records
    this.#size = size
  }

  /** The answer as its client gets it, which says whether it could be kept. A fault of the store never costs the answer. */
  async whole(response: ChatResponse, exchange: Exchange, state: State): Promise<ChatResponse> {
    const codec = exchange.dialect.codecs.chat!
    const context = contextOf(exchange)
    const envelope = envelopeOf(codec, context, state, response.created)
    const told = echoed(response, envelope)
    if (response.usage?.raw) exchange.set(RAW_USAGE, response.usage.raw)
    if (!state.store || (await this.keep(codec.encodeResponse(told, context), exchange, state))) return told
    return echoed(response, { ...envelope, store: false })
  }

  stream(exchange: Exchange, state: State): ResponseStage {
    const codec = exchange.dialect.codecs.chat!
    const context = contextOf(exchange)
    return new ResponseStage({
      envelope: (created) => envelopeOf(codec, context, state, created),
      writer: state.store ? codec.stream.writer(context) : undefined,
      limit: this.#size,
      keep: (response) => this.keep(response, exchange, state),
    })
  }

  /** Remembers who made a response that its provider keeps itself. */
  async origin(id: string | undefined, exchange: Exchange): Promise<undefined> {
    if (id === undefined) return
    const { provider } = exchange.attempts.at(-1)!.target
    try {
      await this.#records.keepOrigin(id, provider, exchange.principal)
    } catch (err) {
      exchange.log.error({ response: id, err }, 'it could not be noted who keeps a response')
    }
  }

  /** @returns whether it was kept; if not, the log says why */
  async keep(response: JsonObject, exchange: Exchange, state: State): Promise<boolean> {
    if (response.status === 'failed') return false
    try {
      if (await this.#records.keep(recordOf(response, exchange, state))) return true
      exchange.log.warn({ response: response.id }, 'a response is too large to be kept')
    } catch (err) {
      exchange.log.error({ response: response.id, err }, 'a response could not be kept')
    }
    return false
  }
}

export function recordOf(response: JsonObject, exchange: Exchange, { earlier, items }: State): ResponseRecord {
  const own = inputItems(items ?? exchange.json.input, exchange.id, earlier.length)
  return { owner: ownerOf(exchange.principal), response, input: [...earlier, ...own] }
}

/** What the codec wants to know to write the answer. */
function contextOf({ id, model, request }: Exchange): ReplyContext {
  return { id, model, request: request as ChatRequest }
}
