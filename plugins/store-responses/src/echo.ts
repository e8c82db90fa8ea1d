/** What a response repeats of its request about state, which its dialect does not know. */
import type { ChatResponse, Codec, Extensions, JsonObject, ReplyContext, StreamPart } from '@sluice/core'
import { RESPONSES } from './state.ts'
import type { State } from './state.ts'

type Told = Pick<State, 'store' | 'previous' | 'background'>
type Start = Extract<StreamPart, { type: 'start' }>
type Finish = Extract<StreamPart, { type: 'finish' }>

/** A response without what the model says. @param created Unix seconds */
export function envelopeOf(codec: Codec, context: ReplyContext, told: Told, created?: number): JsonObject {
  const blank: ChatResponse = { operation: 'chat', choices: [], extensions: {} }
  if (created !== undefined) blank.created = created
  const { output: _, usage: __, status: ___, ...envelope } = codec.encodeResponse(blank, context)
  return {
    ...envelope,
    background: told.background !== undefined,
    previous_response_id: told.previous ?? null,
    store: told.store,
  }
}

/** What the dialect is to say of a response rides in its extensions, behind those of who answered. */
export function extended(extensions: Extensions | undefined, envelope: JsonObject): Extensions {
  const from = Object.keys(extensions ?? {}).length === 0 ? { unknown: {} } : extensions
  return { ...from, [RESPONSES]: envelope }
}

/** The answer that the codec writes with `envelope`: its finish and usage are no longer in the provider's words. */
export function echoed(response: ChatResponse, envelope: JsonObject): ChatResponse {
  const { id: _, usage, ...rest } = response
  return {
    ...rest,
    id: String(envelope.id),
    created: Number(envelope.created_at),
    choices: response.choices.map((choice) => ({ ...choice, finish: { unified: choice.finish.unified } })),
    ...(usage && { usage: withoutRaw(usage) }),
    extensions: extended(response.extensions, envelope),
  }
}

function withoutRaw({ raw: _, ...usage }: NonNullable<ChatResponse['usage']>): NonNullable<ChatResponse['usage']> {
  return usage
}

export function echoedStart(
  { id: _, extensions, ...part }: Start,
  { completed_at: __, ...envelope }: JsonObject,
): Start {
  return { ...part, extensions: extended(extensions, envelope) }
}

export function echoedFinish(part: Finish, envelope: JsonObject): Finish {
  return { ...part, finish: { unified: part.finish.unified }, extensions: { [RESPONSES]: envelope } }
}
