/** What the address and the list of subprotocols say. */
import type { RawRoute } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { locate } from '../src/route.ts'
import { withoutCredential } from '../src/subprotocols.ts'

const routeOf = (search: string, usual?: string): RawRoute =>
  locate({ method: 'GET', path: '/v1/realtime', params: {}, search, headers: {} }, usual)

describe('a route', () => {
  test.each([
    ['?model=a', 'a', '/realtime?model=X'],
    ['?model=p%2Fa', 'p/a', '/realtime?model=X'],
    ['?intent=x&model=a&n=1', 'a', '/realtime?model=X&intent=x&n=1'],
    ['?model=a&model=b', 'a', '/realtime?model=X'],
    ['?deployment=a&api-version=1&api-key=k&key=k', 'a', '/realtime?model=X'],
    ['?model=a&deployment=b', 'a', '/realtime?model=X'],
  ])('%s', (search, model, path) => {
    const route = routeOf(search)
    expect([route.model, route.pathFor!('X')]).toEqual([model, path])
  })

  test('holds no name that was not there', () => {
    expect(routeOf('?intent=transcription', 'usual')).toMatchObject({
      model: 'usual',
      path: '/realtime?intent=transcription',
    })
    expect(routeOf('', 'usual')).toMatchObject({ model: 'usual', path: '/realtime' })
    expect(routeOf('', 'usual')).not.toHaveProperty('pathFor')
  })

  test('escapes names', () => {
    expect(routeOf('?model=a').pathFor!('a b&c=d/é')).toBe('/realtime?model=a+b%26c%3Dd%2F%C3%A9')
  })

  test.each(['', '?model=', '?intent=transcription', '?Model=a'])('of %j needs a model', (search) => {
    expect(() => routeOf(search)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'model' }))
  })
})

describe('a credential among the subprotocols', () => {
  const AT = 'sec-websocket-protocol'
  test.each<[given: { [name: string]: string }, expected: { [name: string]: string }]>([
    [{}, {}],
    [{ [AT]: 'realtime' }, { [AT]: 'realtime' }],
    [
      { [AT]: 'realtime, openai-insecure-api-key.k, openai-beta.realtime-v1' },
      { [AT]: 'realtime, openai-beta.realtime-v1', authorization: 'Bearer k' },
    ],
    [{ [AT]: 'openai-insecure-api-key.k' }, { authorization: 'Bearer k' }],
    [{ [AT]: 'openai-insecure-api-key.' }, {}],
    [
      { [AT]: 'realtime,openai-insecure-api-key.a,openai-insecure-api-key.b' },
      { [AT]: 'realtime', authorization: 'Bearer a' },
    ],
    [{ [AT]: 'openai-insecure-api-key.k', authorization: 'Bearer own' }, { authorization: 'Bearer own' }],
    [{ [AT]: 'openai-organization.o, realtime, openai-project.p' }, { [AT]: 'realtime' }],
  ])('%j', (given, expected) => {
    const headers = { ...given }
    withoutCredential(headers)
    expect(headers).toEqual(expected)
  })
})
