/** How many tokens the input of a response would take (https://platform.openai.com/docs/api-reference/responses/input-tokens). */
import { GatewayError } from '@sluice/core'
import type { BodyCodec, CountTokensRequest, CountTokensResponse, JsonObject, RequestContext } from '@sluice/core'
import { countedChat } from '@sluice/dialect-kit'
import { fields, keep, keeperOf, restore } from './kept.ts'
import { withModel } from './model-field.ts'
import { inlineError } from './responses/errors.ts'
import { DIALECT } from './responses/extensions.ts'
import { responses } from './responses/index.ts'

/** The dialect's name: vendors that have responses need not count tokens, so that this is one of its own. */
export const INPUT_TOKENS = 'openai-input-tokens'

const { keptIn } = keeperOf(INPUT_TOKENS)

/** What a request for a response may hold and a count does not depend on. */
const UNCOUNTED = ['stream', 'store', 'include', 'metadata', 'background', 'service_tier']

/** `POST /v1/responses/input_tokens`: the body of a response's request, without what only its answer needs. */
export const inputTokens: BodyCodec<CountTokensRequest, CountTokensResponse> = {
  inspect: (body, bytes, place) => ({ ...responses.inspect(body, bytes, place), stream: false }),
  withModel,
  decodeRequest: (body) => ({ ...responses.decodeRequest(body), operation: 'count-tokens' }),
  vital: responses.vital ?? [],
  encodeRequest,
  decodeResponse,
  encodeResponse: (response) => ({
    object: 'response.input_tokens',
    ...restore(keptIn(response)),
    input_tokens: response.inputTokens,
    // OpenAI has no word for it; its SDKs hand it on.
    ...(response.estimated && { estimated: true }),
  }),
}

function encodeRequest(request: CountTokensRequest, context: RequestContext): JsonObject {
  if (DIALECT in request.extensions) return responses.encodeRequest({ ...request, operation: 'chat' }, context)
  const body = responses.encodeRequest(countedChat(request), context)
  for (const field of UNCOUNTED) delete body[field]
  return body
}

const FIELDS = fields('input_tokens estimated')

function decodeResponse(body: JsonObject): CountTokensResponse {
  const { input_tokens: inputTokens, estimated } = body
  if (typeof inputTokens !== 'number')
    throw (
      inlineError(body) ?? new GatewayError('upstream_error', 'The upstream sent a reply without a count of tokens.')
    )
  return {
    operation: 'count-tokens',
    inputTokens,
    ...(estimated === true && { estimated }),
    extensions: { [INPUT_TOKENS]: keep(body, FIELDS) },
  }
}
