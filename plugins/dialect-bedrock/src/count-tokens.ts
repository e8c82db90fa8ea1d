/** How many tokens a conversation would take (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html). */
import { GatewayError } from '@sluice/core'
import type { BodyCodec, CountTokensRequest, CountTokensResponse, JsonObject, RequestContext } from '@sluice/core'
import { countedChat, holdsMark, isObject, objectOf, requiredObject } from '@sluice/dialect-kit'
import { chat, VITAL } from './chat/index.ts'
import { modelIn } from './endpoints.ts'
import { extended, kept, leftovers, spellingOf } from './extensions.ts'

const FIELDS = new Set(['input'])
/** What a conversation to count has; the rest of Converse says how to answer. */
const COUNTED = ['messages', 'system', 'toolConfig', 'additionalModelRequestFields']

/** `POST /model/{model}/count-tokens`, for a body of Converse, in `input.converse`. One of InvokeModel stays as it is. */
export const countTokens: BodyCodec<CountTokensRequest, CountTokensResponse> = {
  inspect(body, bytes, place) {
    requiredObject(body, 'input')
    const model = modelIn(place)
    return holdsMark(bytes) ? { model, stream: false, transformed: true } : { model, stream: false }
  },
  withModel: (bytes, model) => chat.withModel(bytes, model),
  decodeRequest,
  // A body of InvokeModel is in the words of the model's vendor, and nothing can be counted without it.
  vital: [...VITAL, 'input'],
  encodeRequest,
  decodeResponse,
  encodeResponse: (response) => ({
    ...kept(response),
    inputTokens: response.inputTokens,
    // Bedrock has no word for it; AWS's SDKs pass over what they do not know.
    ...(response.estimated && { estimated: true }),
  }),
}

function decodeRequest(body: JsonObject): CountTokensRequest {
  const input = requiredObject(body, 'input')
  const { converse } = input
  const isConverse = isObject(converse) && Object.keys(input).length === 1
  const request = chat.decodeRequest(isConverse ? converse : {})
  const beside = isConverse ? leftovers(body, FIELDS) : body
  const own = { ...kept(request), ...beside }
  return { ...request, operation: 'count-tokens', ...extended(own, { ...spellingOf(request), beside: beside ?? {} }) }
}

function encodeRequest(request: CountTokensRequest, context: RequestContext): JsonObject {
  if (kept(request) === undefined) return { input: { converse: encodeForeign(request, context) } }
  const beside = objectOf(spellingOf(request).beside) ?? {}
  if ('input' in beside) return beside
  const fields = Object.entries(chat.encodeRequest({ ...request, operation: 'chat' }, context))
  return { ...beside, input: { converse: Object.fromEntries(fields.filter(([key]) => !(key in beside))) } }
}

function encodeForeign(request: CountTokensRequest, context: RequestContext): JsonObject {
  const { responseFormat, ...counted } = countedChat(request)
  if (responseFormat !== undefined && responseFormat.type !== 'text')
    context.drop('response_format', 'Bedrock does not count the tokens of a schema')
  const body = chat.encodeRequest(counted, context)
  return Object.fromEntries(Object.entries(body).filter(([key]) => COUNTED.includes(key)))
}

const REPLY_FIELDS = new Set(['inputTokens', 'estimated'])

function decodeResponse(body: JsonObject): CountTokensResponse {
  const { inputTokens, estimated } = body
  if (typeof inputTokens !== 'number')
    throw new GatewayError('upstream_error', 'The upstream sent a reply without a count of tokens.')
  return {
    operation: 'count-tokens',
    inputTokens,
    ...(estimated === true && { estimated }),
    ...extended(leftovers(body, REPLY_FIELDS) ?? {}),
  }
}
