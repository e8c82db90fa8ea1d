/** `countTokens` (https://ai.google.dev/api/tokens): of mere contents, or of all that a request consists of. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { BodyCodec, CountTokensRequest, CountTokensResponse, JsonObject, RequestContext } from '@sluice/core'
import { countedChat, isObject, objectOf, optionalObject } from '@sluice/dialect-kit'
import { camelCased } from './chat/camel.ts'
import { decodeRequest as decodeChat } from './chat/decode-request.ts'
import { encodeRequest as encodeChat } from './chat/encode-request.ts'
import { inspect as inspectChat } from './chat/inspect.ts'
import { decodeErrorBody } from './errors.ts'
import { extended, keep, kept, NAME, restore, spellingOf } from './extensions.ts'
import { refuseOther, renamed, resourceName } from './model-name.ts'

const WHOLE = 'generateContentRequest'
const CASED = new Set([WHOLE])
const RESPONSE = new Set(['totalTokens'])

export const countTokens: BodyCodec<CountTokensRequest, CountTokensResponse> = {
  inspect(wire, bytes, place) {
    const body = camelCased(wire, CASED, '')
    const whole = optionalObject(body, WHOLE)
    if (whole === undefined) return inspectChat(body, bytes, place)
    if ('contents' in body) throw invalidRequest(`"contents" and "${WHOLE}" exclude one another.`, 'contents')
    const inspection = inspectChat(whole, bytes, place, `${WHOLE}.`)
    refuseOther(body, inspection.model, '')
    return inspection
  },
  withModel: (bytes, model) =>
    renamed(bytes, model, (body) => [body, body.generateContentRequest, body.generate_content_request]),
  decodeRequest,
  vital: ['cachedContent'],
  encodeRequest,
  decodeResponse,
  encodeResponse: (response) => ({ ...restore(response), totalTokens: response.inputTokens }),
}

function decodeRequest(wire: JsonObject): CountTokensRequest {
  const body = camelCased(wire, CASED, '')
  const { [WHOLE]: _, model: __, ...beside } = body
  const whole = optionalObject(body, WHOLE)
  const chat = decodeChat(whole ?? body)
  const spelling = { ...spellingOf(chat), ...(whole && { beside }) }
  return { ...chat, operation: 'count-tokens', ...extended(kept(chat) ?? {}, spelling) }
}

/** Only contents can be counted as they are. */
function encodeRequest(request: CountTokensRequest, context: RequestContext): JsonObject {
  const isOwn = kept(request) !== undefined
  const body = encodeChat(isOwn ? { ...request, operation: 'chat' } : countedChat(request), context)
  const beside = objectOf(spellingOf(request).beside)
  if (beside === undefined && Object.keys(body).every((field) => field === 'contents')) return body
  return { ...beside, [WHOLE]: { model: resourceName(context.model), ...body } }
}

function decodeResponse(body: JsonObject): CountTokensResponse {
  if (isObject(body.error)) throw decodeErrorBody(body)
  const { totalTokens } = body
  if (typeof totalTokens !== 'number')
    throw new GatewayError('upstream_error', 'The upstream sent a reply that counts no tokens.')
  return {
    operation: 'count-tokens',
    inputTokens: totalTokens,
    extensions: { [NAME]: {} },
    ...keep(body, RESPONSE),
  }
}
