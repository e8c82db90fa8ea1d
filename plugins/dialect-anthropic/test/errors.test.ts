import { ERRORS, GatewayError, invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { limitReset } from '../src/limit-reset.ts'
import { anthropic } from '../src/index.ts'
import { chat, eventsOf } from './support.ts'

const envelope = (type: string, message: string): JsonObject => ({
  type: 'error',
  error: { type, message },
  request_id: 'req_1',
})
const decode = (status: number, body: unknown, headers = {}) => anthropic.decodeError(status, headers, body)

describe('what an upstream refused with', () => {
  test.each<[number, string, string, Partial<GatewayError>]>([
    [400, 'invalid_request_error', 'max_tokens: too large', { code: 'invalid_request', status: 400 }],
    [
      400,
      'invalid_request_error',
      'Output blocked by content filtering policy',
      { code: 'content_blocked', status: 400 },
    ],
    [404, 'not_found_error', 'model: nope', { code: 'model_not_found', status: 404 }],
    [404, 'not_found_error', 'file_1 is not there', { code: 'invalid_request', status: 404 }],
    [413, 'request_too_large', 'Too large', { code: 'request_too_large', status: 413 }],
    [422, 'invalid_request_error', 'No', { code: 'invalid_request', status: 422 }],
    [429, 'rate_limit_error', 'Slow down', { code: 'rate_limit_exceeded', status: 429 }],
    [408, 'timeout_error', 'Too slow', { code: 'upstream_timeout', status: 504 }],
    [504, 'timeout_error', 'Too slow', { code: 'upstream_timeout', status: 504 }],
    [500, 'api_error', 'Oh', { code: 'upstream_error', status: 500 }],
    [529, 'overloaded_error', 'Overloaded', { code: 'upstream_error', status: 529 }],
  ])('%i %s "%s" keeps its words', (status, type, message, expected) => {
    expect(decode(status, envelope(type, message), { 'request-id': 'req_2' })).toMatchObject({
      ...expected,
      message,
      upstream: { status, type, requestId: 'req_2', dialect: 'anthropic', body: envelope(type, message) },
    })
  })

  test.each([
    [401, 'authentication_error', 'invalid x-api-key sk-ant-…'],
    [403, 'permission_error', 'key 12 may not'],
    [402, 'billing_error', 'pay first'],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  ])('%i %s is the gateway’s trouble: the client sees nothing of it', (status, type, message) => {
    const error = decode(status, envelope(type, message))
    expect(error).toMatchObject({ code: 'upstream_error', status: 502, upstream: { status } })
    expect(JSON.stringify([error.message, anthropic.encodeError(error, 'x')])).not.toContain(message)
  })

  test('a thread that a target cannot hold is refused in the words that SDKs recover from', () => {
    expect(chat.vital).toContain('thread')
    const refused = anthropic.encodeError(invalidRequest('The target cannot take "thread".', 'thread'), 'req_1')
    expect(refused.error).toMatchObject({ details: { error_code: 'thread_unsupported_request' } })
    const other = anthropic.encodeError(invalidRequest('No.', 'messages'), 'req_1')
    expect(other.error).not.toHaveProperty('details')
  })

  test('may be written as Claude’s other hosts do', () => {
    expect(decode(400, { error: { code: 400, message: 'M', status: 'INVALID_ARGUMENT' } })).toMatchObject({
      message: 'M',
      upstream: { type: 'INVALID_ARGUMENT' },
    })
    expect(decode(400, [{ error: { message: 'M' } }])).toMatchObject({ message: 'M' })
    expect(decode(400, { message: 'M' })).toMatchObject({ message: 'M' })
    expect(decode(502, '<html>secret</html>').message).toBe('The provider answered with status 502.')
  })
})

describe('how long to wait', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  test('is until the limits that are used up are reset', () => {
    const limit = (name: string, remaining: string, reset: string) => ({
      [`anthropic-ratelimit-${name}-remaining`]: remaining,
      [`anthropic-ratelimit-${name}-reset`]: `2026-01-01T00:00:${reset}Z`,
    })
    expect(
      limitReset(
        { ...limit('requests', '3', '50'), ...limit('input-tokens', '0', '20'), ...limit('tokens', '0', '10') },
        now,
      ),
    ).toBe(20)
    expect(limitReset({ ...limit('requests', '3', '50') }, now)).toBe(50)
    expect(limitReset({ 'anthropic-ratelimit-requests-reset': 'never' }, now)).toBeUndefined()
  })

  test('is told by those limits only where the request was refused for them', () => {
    const headers = { 'anthropic-ratelimit-requests-reset': new Date(Date.now() + 60_000).toISOString() }
    expect(decode(429, {}, headers).retryAfter).toBeGreaterThan(50)
    expect(decode(529, {}, headers).retryAfter).toBeUndefined()
    expect(decode(529, {}, { 'retry-after': '4' }).retryAfter).toBe(4)
  })
})

describe('an error reply', () => {
  test.each([
    ['invalid_request', 'invalid_request_error'],
    ['invalid_api_key', 'authentication_error'],
    ['budget_exceeded', 'billing_error'],
    ['permission_denied', 'permission_error'],
    ['model_not_found', 'not_found_error'],
    ['request_too_large', 'request_too_large'],
    ['quota_exceeded', 'rate_limit_error'],
    ['plugin_error', 'api_error'],
    ['upstream_error', 'api_error'],
    ['overloaded', 'overloaded_error'],
    ['upstream_timeout', 'timeout_error'],
    ['method_not_allowed', 'invalid_request_error'],
  ] as const)('%s is a %s', (code, type) => {
    expect(anthropic.encodeError(new GatewayError(code, 'M'), 'x1')).toEqual({
      type: 'error',
      error: { type, message: 'M' },
      request_id: 'x1',
    })
  })

  test('of Anthropic’s own goes out as it came, as long as its status does', () => {
    const body = { ...envelope('overloaded_error', 'Overloaded'), details: null }
    const error = decode(529, body)
    expect(anthropic.encodeError(error, 'x1')).toBe(body)
    expect(eventsOf(anthropic.encodeStreamError(error, 'x1'))).toEqual([body])
    const foreign = new GatewayError('upstream_error', 'M', { upstream: { status: 502, dialect: 'openai-chat', body } })
    expect(anthropic.encodeError(foreign, 'x1')).toMatchObject({ error: { message: 'M' } })
    expect(anthropic.encodeError(decode(500, { message: 'M' }), 'x1')).toMatchObject({
      type: 'error',
      error: { message: 'M' },
    })
  })

  test('is there for every code', () => {
    for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
      expect(anthropic.encodeError(new GatewayError(code, 'M'), 'x')).toMatchObject({
        type: 'error',
        error: { message: 'M' },
      })
    }
  })
})
