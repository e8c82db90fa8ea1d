import { ERRORS, GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { describe, expect, test } from 'vitest'
import { eventStream } from '../src/event-stream/index.ts'
import { bedrock } from '../src/index.ts'

const typed = (type: string) => ({ 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` })
const decode = (status: number, body: unknown, headers = {}) => bedrock.decodeError(status, headers, body)

/** The exception at a stream's end: its type and what it says. */
function exceptionOf(bytes: Buffer | string): [string, JsonObject] {
  const frames: Frame[] = []
  eventStream.reader().push(bytes as Buffer, frames)
  return [frames[0]!.event, JSON.parse(frames[0]!.data) as JsonObject]
}

describe('what an upstream refused with', () => {
  test.each<[number, string, string, Partial<GatewayError>]>([
    [400, 'ValidationException', 'Malformed input request', { code: 'invalid_request', status: 400 }],
    [400, 'ValidationException', 'The provided model identifier is invalid.', { code: 'model_not_found', status: 400 }],
    [
      400,
      'ValidationException',
      'Output blocked by content filtering policy',
      { code: 'content_blocked', status: 400 },
    ],
    [400, 'ServiceQuotaExceededException', 'Too much', { code: 'rate_limit_exceeded', status: 429 }],
    [
      404,
      'ResourceNotFoundException',
      'This model version has reached the end of its life.',
      { code: 'model_not_found', status: 404 },
    ],
    [413, 'RequestEntityTooLargeException', 'Too large', { code: 'request_too_large', status: 413 }],
    [424, 'ModelErrorException', 'The model failed', { code: 'upstream_error', status: 424 }],
    [429, 'ThrottlingException', 'Too many tokens', { code: 'rate_limit_exceeded', status: 429 }],
    [429, 'ModelNotReadyException', 'Not yet', { code: 'rate_limit_exceeded', status: 429 }],
    [408, 'ModelTimeoutException', 'Too slow', { code: 'upstream_timeout', status: 504 }],
    [500, 'InternalServerException', 'Oh', { code: 'upstream_error', status: 500 }],
    [503, 'ServiceUnavailableException', 'Busy', { code: 'upstream_error', status: 503 }],
  ])('%i %s "%s" keeps its words', (status, type, message, expected) => {
    const error = decode(status, { message }, { ...typed(type), 'x-amzn-requestid': 'req-2' })
    expect(error).toMatchObject({
      ...expected,
      message,
      upstream: { status, type, requestId: 'req-2', dialect: 'bedrock', body: { message } },
    })
  })

  test.each([
    [403, 'AccessDeniedException', 'User: arn:aws:iam::123:user/x is not authorized'],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired'],
    [403, 'InvalidSignatureException', 'Credential should be scoped to …'],
    [401, 'UnrecognizedClientException', 'The security token is invalid'],
    [400, 'IncompleteSignatureException', 'Authorization header requires …'],
    [400, 'UnrecognizedClientException', 'The security token is invalid'],
    [402, '', 'pay first'],
  ])('%i %s is the gateway’s trouble: the client sees nothing of it', (status, type, message) => {
    const error = decode(status, { message }, typed(type))
    expect(error).toMatchObject({ code: 'upstream_error', status: 502, upstream: { status } })
    expect(JSON.stringify([error.message, bedrock.encodeError(error, 'x')])).not.toContain(message)
  })

  test('may be written as AWS’s front doors and proxies do', () => {
    expect(decode(400, { __type: 'com.amazon.coral.validate#ValidationException', Message: 'M' })).toMatchObject({
      message: 'M',
      upstream: { type: 'ValidationException' },
    })
    const wrapped = {
      Output: { __type: 'com.amazon.coral.service#UnknownOperationException', message: 'U' },
      Version: '1.0',
    }
    expect(decode(404, wrapped)).toMatchObject({ message: 'U', upstream: { type: 'UnknownOperationException' } })
    expect(decode(400, { error: { code: 'ValidationException', message: 'M' } })).toMatchObject({ message: 'M' })
    expect(decode(400, { error: 'M' })).toMatchObject({ message: 'M' })
    expect(decode(502, '<html>secret</html>').message).toBe('The provider answered with status 502.')
    expect(decode(429, { message: 'Slow' }, { 'retry-after': '3' }).retryAfter).toBe(3)
  })
})

describe('an error reply', () => {
  test.each([
    ['invalid_request', 'ValidationException', 'validationException'],
    ['invalid_api_key', 'UnrecognizedClientException', 'validationException'],
    ['budget_exceeded', 'AccessDeniedException', 'validationException'],
    ['permission_denied', 'AccessDeniedException', 'validationException'],
    ['model_not_found', 'ResourceNotFoundException', 'validationException'],
    ['request_too_large', 'ValidationException', 'validationException'],
    ['quota_exceeded', 'ThrottlingException', 'throttlingException'],
    ['plugin_error', 'InternalServerException', 'internalServerException'],
    ['upstream_error', 'InternalServerException', 'internalServerException'],
    ['overloaded', 'ServiceUnavailableException', 'serviceUnavailableException'],
    ['upstream_timeout', 'InternalServerException', 'internalServerException'],
    ['method_not_allowed', 'ValidationException', 'validationException'],
  ] as const)('%s is a %s, and a %s in a stream', (code, type, name) => {
    const error = new GatewayError(code, 'M')
    expect(bedrock.encodeError(error, 'x1')).toEqual({ message: 'M', __type: type })
    expect(exceptionOf(bedrock.encodeStreamError(error, 'x1'))).toEqual([`exception:${name}`, { message: 'M' }])
  })

  test('of Bedrock’s own goes out as it came, with its type, which stood in a header', () => {
    const body = { message: 'The model failed', originalStatusCode: 500, resourceName: 'r' }
    const error = decode(424, body, typed('ModelErrorException'))
    expect(bedrock.encodeError(error, 'x1')).toEqual({ ...body, __type: 'ModelErrorException' })
    const cut = decode(424, { message: 'M', originalMessage: 'O' }, typed('ModelStreamErrorException'))
    expect(exceptionOf(bedrock.encodeStreamError(cut, 'x1'))).toEqual([
      'exception:modelStreamErrorException',
      { message: 'M', originalMessage: 'O' },
    ])
    const foreign = new GatewayError('upstream_error', 'M', { upstream: { status: 502, dialect: 'openai-chat', body } })
    expect(bedrock.encodeError(foreign, 'x1')).toEqual({ message: 'M', __type: 'InternalServerException' })
  })

  test('is there for every code', () => {
    for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[])
      expect(bedrock.encodeError(new GatewayError(code, 'M'), 'x')).toMatchObject({ message: 'M' })
  })
})
