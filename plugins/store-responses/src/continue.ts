/** Puts the conversation that a request continues before its own input. */
import type { ChatRequest, Exchange, Message } from '@sluice/core'
import { optionalBoolean, optionalString } from '@sluice/dialect-kit'
import { notToContinue, previousNotFound } from './errors.ts'
import { isOurs } from './ids.ts'
import { conversationOf, resolved } from './items.ts'
import type { Records } from './records.ts'
import { RESPONSES, STATE } from './state.ts'
import type { State } from './state.ts'

const CONTINUABLE: ReadonlySet<unknown> = new Set(['completed', 'incomplete'])

/**
 * Finds out what a request says about state.
 * @returns the request with what is kept here in it; undefined if nothing of that is wanted, so that a provider
 *   that keeps state itself gets its client's own words
 * @throws GatewayError for what may not or cannot be continued, `overloaded` if the store fails
 */
export async function continued(
  request: ChatRequest,
  exchange: Exchange,
  records: Records,
): Promise<ChatRequest | undefined> {
  const { json, principal } = exchange
  const previous = optionalString(json, 'previous_response_id')
  const { earlier, keptBy } = previous === undefined ? NOTHING : await earlierTurns(previous, exchange, records)
  const { items, missing } = await resolved(json.input, earlier, records, principal)
  const store = optionalBoolean(json, 'store') ?? true
  const state: State = { store, previous, keptBy, earlier, items, missing, background: undefined }
  exchange.set(STATE, state)
  const whole = withConversation(request, exchange, state)
  if (optionalBoolean(json, 'background')) state.background = withoutState(whole)
  return whole === request ? undefined : whole
}

type Earlier = Pick<State, 'earlier' | 'keptBy'>
const NOTHING: Earlier = { earlier: [], keptBy: undefined }

async function earlierTurns(id: string, { principal }: Exchange, records: Records): Promise<Earlier> {
  const record = isOurs(id) ? await records.response(id, principal) : undefined
  if (record) {
    const { status } = record.response
    if (!CONTINUABLE.has(status)) throw notToContinue(id, String(status))
    return { earlier: conversationOf(record), keptBy: undefined }
  }
  const origin = await records.origin(id, principal)
  if (origin?.visible === false) throw previousNotFound(id)
  return { earlier: [], keptBy: origin?.provider ?? '' }
}

function withConversation(request: ChatRequest, exchange: Exchange, { earlier, items }: State): ChatRequest {
  if (earlier.length === 0 && items === undefined) return request
  const codec = exchange.dialect.codecs.chat!
  const decode = (input: readonly unknown[]): Message[] => codec.decodeRequest({ model: request.model, input }).messages
  // Instructions are those of this request alone. The decoder writes them first.
  const own = exchange.json.instructions ? 1 : 0
  const { messages } = request
  return {
    ...(earlier.length > 0 ? without(request, ['previous_response_id']) : request),
    messages: [...messages.slice(0, own), ...decode(earlier), ...(items ? decode(items) : messages.slice(own))],
  }
}

/** For whoever keeps no state: without what is done for it here. */
export function withoutState(request: ChatRequest): ChatRequest {
  return without(request, ['store', 'background'])
}

/** The same object if it has none of these fields. */
function without(request: ChatRequest, fields: readonly string[]): ChatRequest {
  const kept = request.extensions[RESPONSES] ?? {}
  const present = fields.filter((field) => field in kept)
  if (present.length === 0) return request
  const rest = { ...kept }
  for (const field of present) delete rest[field]
  return { ...request, extensions: { ...request.extensions, [RESPONSES]: rest } }
}
