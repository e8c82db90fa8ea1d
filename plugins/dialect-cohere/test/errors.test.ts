import { GatewayError } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import { decodeError, encodeError, encodeStreamError } from '../src/errors.ts'
import { decodeStream, eventsOf } from './support.ts'

describe('a refusal by Cohere', () => {
  test.each<[number, string, string, number]>([
    [400, 'too many tokens', 'invalid_request', 400],
    [404, "model 'x' not found", 'model_not_found', 404],
    [404, '404 page not found', 'invalid_request', 404],
    [413, 'too large', 'request_too_large', 413],
    [422, 'bad', 'invalid_request', 422],
    [429, 'trial key', 'rate_limit_exceeded', 429],
    [498, 'blocked', 'content_blocked', 498],
    [499, 'request cancelled', 'upstream_error', 502],
    [408, 'late', 'upstream_timeout', 504],
    [500, 'oops', 'upstream_error', 500],
    [501, 'not implemented', 'upstream_error', 501],
    [503, 'busy', 'upstream_error', 503],
    [504, 'late', 'upstream_timeout', 504],
  ])('with %i (%s) is %s', (status, message, code, own) => {
    const error = decodeError(status, {}, { id: 'e1', message })
    expect(error).toMatchObject({
      code,
      status: own,
      message,
      upstream: { status, requestId: 'e1', dialect: 'cohere' },
    })
  })

  test.each([401, 402, 403])('with %i is the gateway’s trouble, in the gateway’s words', (status) => {
    const error = decodeError(status, {}, { message: 'invalid api token co-123' })
    expect(error).toMatchObject({
      code: 'upstream_error',
      status: 502,
      upstream: { body: { message: 'invalid api token co-123' } },
    })
    expect(error.message).not.toContain('co-123')
  })

  test('keeps its kind, and its trace where it has no id', () => {
    const error = decodeError(400, { 'x-debug-trace-id': 't1' }, { error_type: 'TOO_MANY_TOKENS', message: 'm' })
    expect(error.upstream).toMatchObject({ type: 'TOO_MANY_TOKENS', requestId: 't1' })
  })

  test.each<[string, IncomingHttpHeaders, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7],
    ['milliseconds', { 'retry-after': '7', 'retry-after-ms': '1500' }, 1.5],
    ['milliseconds that say nothing', { 'retry-after': '7', 'retry-after-ms': '0' }, 7],
    ['a moment that has passed', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, undefined],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('tells how long to wait in %s', (_, headers, seconds) => {
    expect(decodeError(429, headers, {}).retryAfter).toBe(seconds)
  })

  test('tells how long to wait by a date', () => {
    const error = decodeError(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }, {})
    expect(error.retryAfter).toBeGreaterThan(50)
    expect(error.retryAfter).toBeLessThanOrEqual(60)
  })

  test('in the envelope of a proxy keeps its words; a page of HTML is not shown', () => {
    expect(decodeError(400, {}, { error: { message: 'no', type: 't' } })).toMatchObject({
      message: 'no',
      upstream: { type: 't' },
    })
    expect(decodeError(400, {}, { error: 'no' }).message).toBe('no')
    expect(decodeError(502, {}, '<html>secret</html>').message).not.toContain('secret')
  })
})

describe('an error reply', () => {
  test('has Cohere’s envelope with the gateway’s code', () => {
    expect(encodeError(new GatewayError('budget_exceeded', 'No money.'), 'x1')).toEqual({
      id: 'x1',
      message: 'No money.',
      error_type: 'BUDGET_EXCEEDED',
    })
  })

  test('that came from Cohere goes out as it came, unless its status is another now', () => {
    const body = { id: 'e', message: 'too many tokens', error_type: 'TOO_MANY_TOKENS' }
    expect(encodeError(decodeError(400, {}, body), 'x1')).toBe(body)
    expect(encodeError(decodeError(401, {}, body), 'x1')).toMatchObject({ id: 'x1' })
  })
})

describe('an error within a stream', () => {
  test('ends it with a failed message, and no end mark', () => {
    const text = encodeStreamError(new GatewayError('upstream_timeout', 'Late.'))
    expect(text).not.toContain('[DONE]')
    const [event] = eventsOf(`${text}data: [DONE]\n\n`)
    expect(event).toEqual({
      type: 'message-end',
      delta: { error: 'Late.', error_type: 'UPSTREAM_TIMEOUT', finish_reason: 'ERROR', usage: {} },
    })
  })

  test('that came from Cohere goes out as it came', () => {
    const delta = { finish_reason: 'ERROR', usage: {}, error: 'bad tools', error_type: 'INVALID_TOOL_GENERATION' }
    const frame = `event: message-end\ndata: ${JSON.stringify({ type: 'message-end', delta })}\n\n`
    const part = decodeStream(frame).parts[0]!
    expect(part).toMatchObject({
      type: 'error',
      error: { code: 'upstream_error', message: 'bad tools', upstream: { type: 'INVALID_TOOL_GENERATION' } },
    })
    expect(part.type === 'error' && encodeStreamError(part.error)).toBe(frame)
  })
})
