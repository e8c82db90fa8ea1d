/** A dialect whose wire format is the canonical model itself: the smallest that does all a dialect must. */
import type { Codec, Dialect } from '../../src/dialect.ts'
import { GatewayError, invalidRequest } from '../../src/errors.ts'
import type { ChatRequest, ChatResponse } from '../../src/model.ts'
import { isFields, toyStream, upstreamError } from './toy-stream.ts'

export const toyCodec: Codec = {
  stream: toyStream,
  inspect(body, bytes) {
    if (typeof body['model'] !== 'string') throw invalidRequest('"model" must be a string.', 'model')
    if (bytes.toString().split('"model":').length > 2) throw invalidRequest('"model" stands there twice.', 'model')
    return { model: body['model'], stream: body['stream'] === true }
  },
  withModel: (bytes, model) => Buffer.from(JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), model })),
  decodeRequest(body) {
    if (!Array.isArray(body['messages'])) throw invalidRequest('"messages" must be a list.', 'messages')
    return body as unknown as ChatRequest
  },
  encodeRequest: (request, { model }) => ({ ...request, model }),
  decodeResponse(body) {
    if (!Array.isArray(body['choices'])) throw upstreamError('response')
    return body as unknown as ChatResponse
  },
  encodeResponse: (response) => ({ ...response }),
}

export const toyDialect: Dialect = {
  name: 'toy',
  codecs: { chat: toyCodec },
  endpoints: [{ method: 'POST', path: '/toy', operation: 'chat' }],
  requestHeaders: [],
  replyHeaders: [],
  encodeError: ({ message, code }) => ({ error: { message, code } }),
  encodeStreamError: ({ message, code }) => `${JSON.stringify({ type: 'error', message, code })}\n`,
  decodeError(status, headers, body) {
    const error = isFields(body) && isFields(body['error']) ? body['error'] : {}
    const wait = Number(headers['retry-after'] ?? Number.NaN)
    const details = { upstream: { status }, ...(wait >= 0 ? { retryAfter: wait } : {}) }
    if (status === 401) return new GatewayError('upstream_error', 'The toy refused the credential.', details)
    const message = typeof error['message'] === 'string' ? error['message'] : `The toy answered with ${status}.`
    return new GatewayError('upstream_error', message, { status, ...details })
  },
}
