/** How each dialect writes that something went wrong: whole, and at the end of a stream. */
import type { ByDialect } from '../dialect-names.ts'
import { parseEventStream } from '../event-stream.ts'
import { framesOf } from './frames.ts'
import { object, text } from './json.ts'
import type { Json } from './json.ts'

export interface Fault {
  message: string
  /** The dialect's word for its kind; '' if it has none. */
  type: string
}

export interface Envelope {
  /** @throws Error if it is not in the envelope that the official SDKs read */
  read(this: void, body: Json, status: number): Fault
  /** The fault that ends a stream; undefined if it ends well. */
  readEnd(this: void, stream: Buffer): Fault | undefined
  /** In the vendor's own words. */
  write(this: void, message: string, status: number): { body: Json; headers: { [name: string]: string } }
  /** What a client must be told by status, if the error came over another dialect. */
  types: { readonly [status: number]: string }
}

const openai: Envelope = {
  read({ error }) {
    const { message, type, param, code } = object(error) ?? fail('there is no "error"')
    for (const field of [param, code])
      if (field !== null && typeof field !== 'string') fail('"param" or "code" is missing')
    return checked(message, type)
  },
  readEnd(stream) {
    const last = framesOf(stream).at(-1)?.data ?? '{}'
    if (last === '[DONE]') return undefined
    const value = JSON.parse(last) as Json
    const response = object(value.response)
    const error = object(value.error) ?? object(response?.error)
    return error && { message: text(error.message), type: text(error.type) }
  },
  write: (message, status) => ({
    body: {
      error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code: null },
    },
    headers: {},
  }),
  types: {
    400: 'invalid_request_error',
    404: 'invalid_request_error',
    413: 'invalid_request_error',
    422: 'invalid_request_error',
    429: 'rate_limit_error',
    500: 'server_error',
    503: 'server_error',
    529: 'server_error',
  },
}

const ANTHROPIC = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  413: 'request_too_large',
  422: 'invalid_request_error',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
}

const anthropic: Envelope = {
  read({ type, error }) {
    if (type !== 'error') fail('the body does not call itself an error')
    const fault = object(error) ?? fail('there is no "error"')
    return checked(fault.message, fault.type)
  },
  readEnd(stream) {
    const { event, data } = framesOf(stream).at(-1) ?? { event: '', data: '{}' }
    return event === 'error' ? anthropic.read(JSON.parse(data) as Json, 0) : undefined
  },
  write: (message, status) => ({
    body: {
      type: 'error',
      error: { type: ANTHROPIC[status as keyof typeof ANTHROPIC] ?? 'api_error', message },
      request_id: 'req_1',
    },
    headers: {},
  }),
  types: ANTHROPIC,
}

const GOOGLE = {
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  529: 'INTERNAL',
}

const gemini: Envelope = {
  read({ error }, status) {
    const fault = object(error) ?? fail('there is no "error"')
    if (fault.code !== status) fail(`the code is ${String(fault.code)}, the status ${status}`)
    return checked(fault.message, fault.status)
  },
  readEnd(stream) {
    const error = object((JSON.parse(framesOf(stream).at(-1)?.data ?? '{}') as Json).error)
    return error && checked(error.message, error.status)
  },
  write: (message, status) => ({
    body: { error: { code: status, message, status: GOOGLE[status as keyof typeof GOOGLE] ?? 'UNKNOWN' } },
    headers: {},
  }),
  types: GOOGLE,
}

const cohere: Envelope = {
  read: ({ message }) => checked(message, 'no type'),
  readEnd(stream) {
    const end = framesOf(stream).findLast(({ event }) => event === 'message-end')
    const { finish_reason: finish, error } = object((JSON.parse(end?.data ?? '{}') as Json).delta) ?? {}
    return finish === 'ERROR' && error !== undefined ? checked(error, 'no type') : undefined
  },
  write: (message) => ({ body: { id: 'error-1', message }, headers: {} }),
  types: {},
}

const AWS = {
  400: 'ValidationException',
  404: 'ResourceNotFoundException',
  413: 'ValidationException',
  422: 'ValidationException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
  529: 'InternalServerException',
}

const bedrock: Envelope = {
  // Where the header is missing, AWS's SDKs look here.
  read: ({ message, __type }) => checked(message, __type),
  readEnd(stream) {
    const { headers, payload } = parseEventStream(stream).at(-1) ?? { headers: {}, payload: {} }
    return headers[':message-type'] === 'exception' ? checked(payload.message, headers[':exception-type']) : undefined
  },
  write: (message, status) => ({
    body: { message },
    headers: {
      'x-amzn-errortype': `${AWS[status as keyof typeof AWS] ?? 'AccessDeniedException'}:http://internal.amazon.com/`,
    },
  }),
  types: AWS,
}

export const ENVELOPES: ByDialect<Envelope> = {
  'openai-chat': openai,
  'openai-responses': openai,
  anthropic,
  gemini,
  cohere,
  bedrock,
}

function checked(message: unknown, type: unknown): Fault {
  if (text(message) === '' || text(type) === '') fail('there is no message or no type')
  return { message: text(message), type: text(type) === 'no type' ? '' : text(type) }
}

function fail(rule: string): never {
  throw new Error(`not an error's envelope: ${rule}`)
}
