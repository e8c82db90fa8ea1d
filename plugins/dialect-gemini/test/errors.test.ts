import { ERRORS, GatewayError, invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { gemini, geminiArray } from '../src/index.ts'
import { responsesOf } from './support.ts'

const envelope = (code: number, status: string, message: string, details: JsonObject[] = []): JsonObject => ({
  error: { code, message, status, ...(details.length > 0 && { details }) },
})
const rpc = (type: string, more: JsonObject): JsonObject => ({
  '@type': `type.googleapis.com/google.rpc.${type}`,
  ...more,
})
const decode = (status: number, body: unknown, headers = {}) => gemini.decodeError(status, headers, body)

describe('what an upstream refused with', () => {
  test.each<[number, string, string, Partial<GatewayError>]>([
    [400, 'INVALID_ARGUMENT', 'The input token count exceeds the maximum.', { code: 'invalid_request', status: 400 }],
    [400, 'INVALID_ARGUMENT', 'This violates our Responsible AI practices.', { code: 'content_blocked', status: 400 }],
    [404, 'NOT_FOUND', 'models/nope is not found for API version v1beta', { code: 'model_not_found', status: 404 }],
    [404, 'NOT_FOUND', 'Cached content is gone', { code: 'invalid_request', status: 404 }],
    [413, 'INVALID_ARGUMENT', 'Too large', { code: 'request_too_large', status: 413 }],
    [429, 'RESOURCE_EXHAUSTED', 'Slow down', { code: 'rate_limit_exceeded', status: 429 }],
    [499, 'CANCELLED', 'The operation was cancelled.', { code: 'upstream_error', status: 502 }],
    [408, 'DEADLINE_EXCEEDED', 'Too slow', { code: 'upstream_timeout', status: 504 }],
    [504, 'DEADLINE_EXCEEDED', 'Too slow', { code: 'upstream_timeout', status: 504 }],
    [500, 'INTERNAL', 'Oh', { code: 'upstream_error', status: 500 }],
    [503, 'UNAVAILABLE', 'The model is overloaded.', { code: 'upstream_error', status: 503 }],
  ])('%i %s "%s" keeps its words', (status, type, message, expected) => {
    const body = envelope(status, type, message)
    expect(decode(status, body)).toMatchObject({
      ...expected,
      message,
      upstream: { status, type, dialect: 'gemini', body },
    })
  })

  test.each<[number, JsonObject]>([
    [401, envelope(401, 'UNAUTHENTICATED', 'API keys are not supported: AIza…')],
    [403, envelope(403, 'PERMISSION_DENIED', 'Project 12 may not')],
    [400, envelope(400, 'INVALID_ARGUMENT', 'API key not valid: AIza…')],
    [400, envelope(400, 'INVALID_ARGUMENT', 'secret', [rpc('ErrorInfo', { reason: 'API_KEY_INVALID' })])],
    [402, envelope(402, 'FAILED_PRECONDITION', 'pay first')],
    [400, envelope(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.')],
  ])('%i %j is the gateway’s trouble: the client sees nothing of it', (status, body) => {
    const error = decode(status, body)
    const { message } = body.error as { message: string }
    expect(error).toMatchObject({ code: 'upstream_error', status: 502, upstream: { status } })
    expect(JSON.stringify([error.message, gemini.encodeError(error, 'x')])).not.toContain(message)
  })

  test('may come in an array, as streams have it, or as a page', () => {
    const body = [envelope(429, 'RESOURCE_EXHAUSTED', 'Slow down')]
    expect(decode(429, body)).toMatchObject({ message: 'Slow down' })
    expect(gemini.encodeError(decode(429, body), 'x')).toBe(body[0])
    expect(decode(502, '<html>secret</html>').message).toBe('The provider answered with status 502.')
  })

  test('names the field at fault', () => {
    const violation = rpc('BadRequest', { fieldViolations: [{ field: 'contents[0].parts', description: 'd' }] })
    const error = decode(400, envelope(400, 'INVALID_ARGUMENT', 'No', [violation]))
    expect(error).toMatchObject({ param: 'contents[0].parts', upstream: { param: 'contents[0].parts' } })
  })

  test.each<[JsonObject[], string, object, number | undefined]>([
    [[rpc('Help', {}), rpc('RetryInfo', { retryDelay: '48s' })], 'Retry in 48.9s.', {}, 48],
    [[rpc('RetryInfo', { retryDelay: '0.5s' })], '', {}, 0.5],
    [[], 'Please retry in 48.9s.', {}, 48.9],
    [[rpc('RetryInfo', { retryDelay: '48s' })], '', { 'retry-after': '3' }, 3],
    [[rpc('RetryInfo', { retryDelay: 'soon' })], '', {}, undefined],
    [[], 'Slow down', {}, undefined],
  ])('waits: %j "%s" %j', (details, message, headers, seconds) => {
    expect(decode(429, envelope(429, 'RESOURCE_EXHAUSTED', message, details), headers).retryAfter).toBe(seconds)
  })
})

describe('an error reply', () => {
  test.each([
    ['invalid_request', 'INVALID_ARGUMENT'],
    ['invalid_api_key', 'UNAUTHENTICATED'],
    ['budget_exceeded', 'FAILED_PRECONDITION'],
    ['permission_denied', 'PERMISSION_DENIED'],
    ['model_not_found', 'NOT_FOUND'],
    ['request_too_large', 'INVALID_ARGUMENT'],
    ['quota_exceeded', 'RESOURCE_EXHAUSTED'],
    ['plugin_error', 'INTERNAL'],
    ['upstream_error', 'UNAVAILABLE'],
    ['overloaded', 'UNAVAILABLE'],
    ['upstream_timeout', 'DEADLINE_EXCEEDED'],
  ] as const)('%s is %s', (code, status) => {
    expect(gemini.encodeError(new GatewayError(code, 'M'), 'x1')).toEqual({
      error: { code: ERRORS[code].status, message: 'M', status },
    })
  })

  test('says in Google’s words which field was wrong and how long to wait', () => {
    expect(gemini.encodeError(invalidRequest('No.', 'contents'), 'x').error).toMatchObject({
      details: [rpc('BadRequest', { fieldViolations: [{ field: 'contents', description: 'No.' }] })],
    })
    const late = new GatewayError('rate_limit_exceeded', 'Slow down.', { retryAfter: 7 })
    const body = gemini.encodeError(late, 'x')
    expect(body.error).toMatchObject({ details: [rpc('RetryInfo', { retryDelay: '7s' })] })
    expect(decode(429, body).retryAfter).toBe(7)
  })

  test('of Google’s own goes out as it came, as long as its status does', () => {
    const body = envelope(503, 'UNAVAILABLE', 'Overloaded', [rpc('Help', {})])
    const error = decode(503, body)
    expect(gemini.encodeError(error, 'x1')).toBe(body)
    expect(geminiArray.encodeError(error, 'x1')).toBe(body)
    expect(responsesOf(gemini.encodeStreamError(error, 'x1'))).toEqual([body])
    const foreign = new GatewayError('upstream_error', 'M', { upstream: { status: 502, dialect: 'openai-chat', body } })
    expect(gemini.encodeError(foreign, 'x1')).toMatchObject({ error: { message: 'M' } })
  })
})
