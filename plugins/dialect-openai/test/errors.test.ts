import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { decodeError, encodeError, encodeStreamError } from '../src/chat/errors.ts'
import { retryAfter } from '../src/retry-after.ts'

describe('what an upstream refused with', () => {
  const error = (fields: JsonObject): JsonObject => ({ error: fields })
  const cases: [what: string, status: number, body: unknown, expected: JsonObject][] = [
    [
      'a wrong field',
      400,
      error({ message: 'm', type: 'invalid_request_error', param: 'max_tokens', code: 'unsupported_parameter' }),
      {
        code: 'invalid_request',
        status: 400,
        message: 'm',
        param: 'max_tokens',
      },
    ],
    [
      'an unprocessable one',
      422,
      { detail: [{ loc: ['body', 'n'], msg: 'too many' }, { msg: 'too few' }] },
      {
        code: 'invalid_request',
        status: 422,
        message: 'too many; too few',
      },
    ],
    [
      'an unknown model',
      404,
      error({ message: 'The model `x` does not exist', code: 'model_not_found' }),
      { code: 'model_not_found', status: 404 },
    ],
    [
      'an unknown deployment (Azure)',
      404,
      error({ message: 'The API deployment …', code: 'DeploymentNotFound' }),
      { code: 'model_not_found' },
    ],
    [
      'an unknown model as 400 (Mistral)',
      400,
      { object: 'error', message: 'm', type: 'invalid_model', code: '1500' },
      {
        code: 'model_not_found',
        status: 400,
      },
    ],
    ['an unknown address', 404, error({ message: 'Resource not found' }), { code: 'invalid_request', status: 404 }],
    ['a large body', 413, undefined, { code: 'request_too_large', status: 413 }],
    [
      'filtered content (Azure)',
      400,
      error({ message: 'm', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }),
      {
        code: 'content_blocked',
        status: 400,
        message: 'm',
      },
    ],
    [
      'flagged content (OpenRouter)',
      403,
      error({ message: 'm', code: 403, metadata: { reasons: ['violence'] } }),
      { code: 'content_blocked', status: 403 },
    ],
    [
      'a rate limit',
      429,
      error({ message: 'm', type: 'tokens', code: 'rate_limit_exceeded' }),
      { code: 'rate_limit_exceeded', status: 429 },
    ],
    ['an empty account', 402, error({ message: 'm' }), { code: 'upstream_error', status: 502 }],
    ['a slow request', 408, '', { code: 'upstream_timeout', status: 504 }],
    ['a gateway that waited', 504, '<html>', { code: 'upstream_timeout', status: 504 }],
    [
      'a crash',
      500,
      error({ message: 'm', type: 'server_error' }),
      { code: 'upstream_error', status: 500, message: 'm' },
    ],
    ['overload', 503, { error: 'busy' }, { code: 'upstream_error', status: 503, message: 'busy' }],
    ['overload, as Anthropic numbers it', 529, '', { code: 'upstream_error', status: 529 }],
    ['a flat error (xAI)', 400, { code: 'invalid-argument', error: 'm' }, { code: 'invalid_request', message: 'm' }],
    [
      "a list of one (Gemini's API in this dialect)",
      429,
      [error({ code: 429, message: 'm' })],
      { code: 'rate_limit_exceeded', message: 'm' },
    ],
    [
      'no JSON',
      400,
      '<html>secret</html>',
      { code: 'invalid_request', message: 'The provider answered with HTTP status 400.' },
    ],
  ]
  test.each(cases)('%s', (_, status, body, expected) => {
    expect(decodeError(status, {}, body)).toMatchObject({ ...expected, upstream: { status, dialect: 'openai-chat' } })
  })

  test.each<[status: number, body: unknown]>([
    [401, { error: { message: 'Incorrect API key provided: sk-1234', code: 'invalid_api_key' } }],
    [401, { detail: 'Invalid API Key sk-1234' }],
    [403, { error: { message: 'sk-1234 may not use this' } }],
    [400, { code: 'invalid-argument', error: 'Incorrect API key provided: sk-1234' }],
    [400, [{ error: { code: 400, message: 'API key not valid: sk-1234' } }]],
  ])("a refused credential (%i %j) is the gateway's trouble and shows nothing of it", (status, body) => {
    const error = decodeError(status, {}, body)
    expect(error).toMatchObject({ code: 'upstream_error', status: 502, upstream: { status, body } })
    expect(error.message + JSON.stringify(encodeError(error)) + encodeStreamError(error)).not.toContain('sk-1234')
  })

  test("keeps the provider's own words and the id of its request", () => {
    const body = { error: { message: 'm', type: 't', code: 7, param: 'p' } }
    expect(decodeError(400, { 'x-request-id': 'req_1' }, body).upstream).toEqual({
      status: 400,
      dialect: 'openai-chat',
      body,
      type: 't',
      code: '7',
      param: 'p',
      requestId: 'req_1',
    })
    expect(decodeError(400, { 'mistral-correlation-id': 'c' }, body).upstream?.requestId).toBe('c')
  })
})

describe('what a client reads', () => {
  test.each<[GatewayError, JsonObject]>([
    [
      new GatewayError('invalid_request', 'm', { param: 'n' }),
      { message: 'm', type: 'invalid_request_error', param: 'n', code: 'invalid_request' },
    ],
    [
      new GatewayError('rate_limit_exceeded', 'm'),
      { message: 'm', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' },
    ],
    [new GatewayError('overloaded', 'm'), { message: 'm', type: 'server_error', param: null, code: 'overloaded' }],
  ])('%s', (error, written) => {
    expect(encodeError(error)).toEqual({ error: written })
    expect(encodeStreamError(error)).toBe(`data: ${JSON.stringify({ error: written })}\n\n`)
  })

  test("is the provider's own error where that was in this dialect", () => {
    const body = { error: { message: 'm', type: 't', param: null, code: null, innererror: {} }, user_id: 'u' }
    expect(encodeError(decodeError(400, {}, body))).toBe(body)
  })

  test.each<[what: string, error: GatewayError]>([
    ['was flat', decodeError(400, {}, { detail: 'm' })],
    [
      'was in another dialect',
      new GatewayError('invalid_request', 'm', {
        upstream: { status: 400, dialect: 'anthropic', body: { error: { message: 'x' } } },
      }),
    ],
    ['means something else to the client', decodeError(402, {}, { error: { message: 'm' } })],
  ])("is the gateway's form where it %s", (_, error) => {
    expect(encodeError(error)).toEqual({
      error: { message: 'm', type: expect.any(String), param: null, code: error.code },
    })
  })
})

describe('how long to wait', () => {
  const now = Date.UTC(2026, 0, 1)
  test.each<[what: string, headers: { [name: string]: string }, body: unknown, seconds: number | undefined]>([
    ['seconds', { 'retry-after': '3' }, undefined, 3],
    ['an HTTP date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, undefined, 5],
    ['a date in the past', { 'retry-after': 'Thu, 01 Jan 2020 00:00:05 GMT' }, undefined, 0],
    ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '1' }, undefined, 0.25],
    ["Azure's zero milliseconds", { 'retry-after-ms': '0', 'retry-after': '1' }, undefined, 1],
    [
      'the limit that is used up',
      {
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '1m2.5s',
        'x-ratelimit-remaining-requests': '9',
        'x-ratelimit-reset-requests': '10s',
      },
      undefined,
      62.5,
    ],
    [
      'the later of two',
      {
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6ms',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '20',
      },
      undefined,
      20,
    ],
    ["OpenRouter's moment", { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 4000) }, undefined, 4],
    [
      "OpenRouter's moment in the body",
      {},
      { error: { metadata: { headers: { 'X-RateLimit-Reset': String(now + 4000) } } } },
      4,
    ],
    ['nothing', { 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '6ms' }, {}, undefined],
    ['nonsense', { 'retry-after': 'soon' }, { error: { metadata: 1 } }, undefined],
  ])('%s', (_, headers, body, seconds) => {
    expect(retryAfter(headers, body, now)).toBe(seconds)
  })
})
