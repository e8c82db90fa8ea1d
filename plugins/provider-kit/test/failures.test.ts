import { GatewayError } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { transportFailure } from '../src/failures.ts'

describe('a transport failure in the words of the client', () => {
  const cases: [code: string | undefined, answered: boolean, expected: string, message: string][] = [
    ['ECONNREFUSED', false, 'upstream_error', 'The upstream could not be reached.'],
    ['ENOTFOUND', false, 'upstream_error', 'The upstream could not be reached.'],
    ['EAI_AGAIN', false, 'upstream_error', 'The upstream could not be reached.'],
    ['EHOSTUNREACH', false, 'upstream_error', 'The upstream could not be reached.'],
    ['ENETUNREACH', false, 'upstream_error', 'The upstream could not be reached.'],
    ['UND_ERR_CONNECT_TIMEOUT', false, 'upstream_timeout', 'The upstream could not be reached in time.'],
    ['ETIMEDOUT', false, 'upstream_timeout', 'The upstream could not be reached in time.'],
    ['UND_ERR_SOCKET', false, 'upstream_error', 'The upstream closed the connection without an answer.'],
    ['ECONNRESET', false, 'upstream_error', 'The upstream closed the connection without an answer.'],
    [undefined, false, 'upstream_error', 'The upstream closed the connection without an answer.'],
    ['UND_ERR_SOCKET', true, 'upstream_error', 'The upstream broke off its answer.'],
    ['ECONNRESET', true, 'upstream_error', 'The upstream broke off its answer.'],
    [undefined, true, 'upstream_error', 'The upstream broke off its answer.'],
  ]
  test.each(cases)('%s, answered: %s', (code, answered, expected, message) => {
    const cause = Object.assign(new Error('connect 10.0.0.7:8000'), code === undefined ? {} : { code })
    expect(transportFailure(cause, answered)).toMatchObject({ code: expected, message, cause })
  })

  test('is what it was if it has been told already', () => {
    const error = new GatewayError('shutting_down', 'Later.')
    expect(transportFailure(error, true)).toBe(error)
  })
})
