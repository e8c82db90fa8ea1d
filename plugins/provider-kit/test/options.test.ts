import { describe, expect, test } from 'vitest'
import { httpOptionsOf, timeoutsOf } from '../src/index.ts'

const REQUEST = { method: 'POST', host: 'localhost', path: '/', body: Buffer.alloc(0) } as const

test('timeouts are in milliseconds, and only those that are set', () => {
  expect(timeoutsOf({ connect: '2s', idle: 500, total: '10m' })).toEqual({ connect: 2000, idle: 500, total: 600_000 })
  expect(timeoutsOf()).toEqual({})
})

describe('the options of HTTP providers', () => {
  test('win over what the vendor wants, whatever their case', () => {
    const { headers } = httpOptionsOf(
      { headers: { Authorization: 'Basic x', 'X-Team': 'a' } },
      { authorization: 'Bearer y' },
    )
    expect(headers(REQUEST)).toEqual({ authorization: 'Basic x', 'x-team': 'a' })
  })

  test('have defaults', () => {
    const { headers, ...rest } = httpOptionsOf({}, { 'x-api-key': 'k' })
    expect(headers(REQUEST)).toEqual({ 'x-api-key': 'k' })
    expect(rest).toEqual({ timeouts: {}, http2: false })
  })

  test('are passed on', () => {
    expect(httpOptionsOf({ timeouts: { total: '1s' }, http2: true, models: ['m'] }, {})).toMatchObject({
      timeouts: { total: 1000 },
      http2: true,
      models: ['m'],
    })
  })
})
