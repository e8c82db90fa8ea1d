/** How many tokens a message would take (https://platform.claude.com/docs/en/api/messages-count-tokens). */
import { GatewayError } from '@sluice/core'
import type { BodyCodec, CountTokensRequest, CountTokensResponse, JsonObject, RequestContext } from '@sluice/core'
import { countedChat } from '@sluice/dialect-kit'
import { chat, VITAL } from './chat/index.ts'
import { decodeErrorEvent } from './errors.ts'
import { extended, kept, leftovers } from './extensions.ts'

/** `POST /v1/messages/count_tokens`: the body of a message, without what only its answer needs. */
export const countTokens: BodyCodec<CountTokensRequest, CountTokensResponse> = {
  inspect: (body, bytes, place) => ({ ...chat.inspect(body, bytes, place), stream: false }),
  withModel: (bytes, model) => chat.withModel(bytes, model),
  decodeRequest: (body) => ({ ...chat.decodeRequest(body), operation: 'count-tokens' }),
  vital: VITAL,
  encodeRequest,
  decodeResponse,
  encodeResponse: (response) => ({
    ...kept(response),
    input_tokens: response.inputTokens,
    // Anthropic has no word for it; its SDKs hand it on.
    ...(response.estimated && { estimated: true }),
  }),
}

function encodeRequest(request: CountTokensRequest, context: RequestContext): JsonObject {
  const isOwn = kept(request) !== undefined
  const body = chat.encodeRequest(isOwn ? { ...request, operation: 'chat' } : countedChat(request), context)
  const { max_tokens: _, ...counted } = body
  return isOwn && request.maxTokens !== undefined ? body : counted
}

const FIELDS = new Set(['input_tokens', 'estimated'])

function decodeResponse(body: JsonObject): CountTokensResponse {
  if (body.type === 'error') throw decodeErrorEvent(body)
  const { input_tokens: inputTokens, estimated } = body
  if (typeof inputTokens !== 'number')
    throw new GatewayError('upstream_error', 'The upstream sent a reply without a count of tokens.')
  return {
    operation: 'count-tokens',
    inputTokens,
    ...(estimated === true && { estimated }),
    ...extended(leftovers(body, FIELDS) ?? {}),
  }
}
