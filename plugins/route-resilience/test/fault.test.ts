import { GatewayError } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { createTestGateway } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '@sluice/core'
import type { TestGateway } from '@sluice/core/testing'
import { faultOf, MEANINGS } from '../src/fault.ts'
import type { Fault } from '../src/fault.ts'

let gateway: TestGateway
let dialects: ReadonlyMap<string, Dialect>
beforeAll(async () => {
  gateway = await createTestGateway({ plugins: [openaiDialect(), anthropicDialect()] })
  dialects = gateway.gateway.dialects()
})
afterAll(() => gateway.close())

const openai = (error: object): object => ({ error })
const anthropic = (type: string, message = 'No.'): object => ({ type: 'error', error: { type, message } })

describe('what an upstream answers', () => {
  test.each<[dialect: string, status: number, body: unknown, Fault]>([
    ['openai-chat', 401, openai({ message: 'Incorrect API key provided' }), 'credential'],
    ['openai-chat', 403, openai({ message: 'No access' }), 'credential'],
    ['openai-chat', 400, openai({ message: 'Incorrect API key provided: x' }), 'credential'],
    ['openai-chat', 402, openai({ message: 'Pay' }), 'account'],
    ['openai-chat', 429, openai({ message: 'Quota', code: 'insufficient_quota' }), 'account'],
    ['openai-chat', 429, openai({ message: 'Slow down', code: 'rate_limit_exceeded' }), 'rateLimit'],
    ['openai-chat', 408, openai({ message: 'Late' }), 'timeout'],
    ['openai-chat', 504, '<html>', 'timeout'],
    ['openai-chat', 409, openai({ message: 'Conflict' }), 'conflict'],
    ['openai-chat', 500, openai({ message: 'Oops' }), 'server'],
    ['openai-chat', 502, '<html>', 'server'],
    ['openai-chat', 503, openai({ message: 'Busy' }), 'overloaded'],
    ['anthropic', 529, anthropic('overloaded_error'), 'overloaded'],
    ['anthropic', 400, anthropic('invalid_request_error', 'Your credit balance is too low'), 'credential'],
    ['anthropic', 402, anthropic('billing_error'), 'account'],
    ['openai-chat', 404, openai({ message: 'The model `x` does not exist', code: 'model_not_found' }), 'unknownModel'],
    ['openai-chat', 404, openai({ message: 'No such thing' }), 'client'],
    ['openai-chat', 400, openai({ message: 'Wrong', type: 'invalid_request_error' }), 'client'],
    ['openai-chat', 413, openai({ message: 'Too large' }), 'client'],
    ['openai-chat', 422, { detail: [{ msg: 'field required' }] }, 'client'],
    [
      'openai-chat',
      400,
      openai({ message: "This model's maximum context length is 8192 tokens.", code: 'context_length_exceeded' }),
      'contextWindow',
    ],
    ['openai-chat', 400, openai({ message: "This model's maximum context length is 8192 tokens." }), 'contextWindow'],
    [
      'anthropic',
      400,
      anthropic('invalid_request_error', 'prompt is too long: 213462 tokens > 200000 maximum'),
      'contextWindow',
    ],
    [
      'anthropic',
      400,
      anthropic('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 2'),
      'contextWindow',
    ],
    ['openai-chat', 400, openai({ message: 'Blocked', code: 'content_filter' }), 'contentPolicy'],
    [
      'anthropic',
      400,
      anthropic('invalid_request_error', 'Output blocked by content filtering policy'),
      'contentPolicy',
    ],
  ])('%s %i %j', (dialect, status, body, fault) => {
    expect(faultOf(dialects.get(dialect)!.decodeError(status, {}, body))).toBe(fault)
  })
})

const upstreamError = (code?: string): GatewayError =>
  new GatewayError(
    'upstream_error',
    'No.',
    code === undefined ? {} : { cause: Object.assign(new Error('x'), { code }) },
  )

test.each<[string, GatewayError, Fault]>([
  ['a refused connection', upstreamError('ECONNREFUSED'), 'unreachable'],
  ['a name nobody knows', upstreamError('ENOTFOUND'), 'unreachable'],
  [
    'a connection that takes too long',
    new GatewayError('upstream_timeout', 'No.', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }),
    'unreachable',
  ],
  ['a reset', upstreamError('ECONNRESET'), 'reset'],
  ['a connection that was closed', upstreamError('UND_ERR_SOCKET'), 'reset'],
  ['a time limit', new GatewayError('upstream_timeout', 'No.'), 'timeout'],
  ['HTML where JSON should be', upstreamError(), 'garbled'],
  ['a parameter that the target cannot take', new GatewayError('invalid_request', 'No.'), 'unfit'],
  ["a limit of the gateway's", new GatewayError('rate_limit_exceeded', 'No.', { hook: 'beforeAttempt' }), 'limit'],
  ['a budget of its', new GatewayError('budget_exceeded', 'No.', { hook: 'beforeAttempt' }), 'budget'],
  ['a client that left', new GatewayError('client_closed', 'No.'), 'cancelled'],
  ['a defect', new GatewayError('plugin_error', 'No.'), 'gateway'],
])('%s', (_, error, fault) => {
  expect(faultOf(error)).toBe(fault)
})

test('nobody who refuses a request for what it is counts as out of order', () => {
  for (const fault of ['client', 'contextWindow', 'contentPolicy', 'conflict', 'unknownModel', 'unfit'] as const)
    expect(MEANINGS[fault].blame).toBe('nothing')
})
