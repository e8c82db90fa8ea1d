/** Whatever a stranger sends in place of a credential is refused, and nothing breaks. */
import { generateKeyPairSync } from 'node:crypto'
import { connect } from 'node:http2'
import { jwtAuth } from '@sluice/auth-jwt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hostileValues, jwts, LONG_PATHS, ODD_PATHS, withoutControls } from './support/hostile.ts'
import { openHouse } from './support/house.ts'
import type { House } from './support/house.ts'
import { knockOn, MODEL } from './support/knock.ts'
import { sendAll, statusesOf } from './support/raw-client.ts'
import type { RawReply } from './support/raw-client.ts'

const ISSUER = 'https://issuer.example'
const PLACES = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', '?key='] as const
const ALLOWED = new Set([400, 401, 404, 405, 413, 431])

let house: House
let good = ''
let values: string[] = []
beforeAll(async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'the-only-one', alg: 'EdDSA' }]
  const tokens = jwtAuth({ issuer: ISSUER, audience: ['sluice'], keys })
  house = await openHouse({ models: { [MODEL]: 'echo/echo' }, plugins: [tokens] })
  good = (await house.make()).key
  values = [...hostileValues(good), ...jwts(ISSUER)]
})
afterAll(() => house[Symbol.asyncDispose]())

afterEach(async () => {
  expect((await house.gateway.request('/health/live')).status).toBe(200)
  const body = { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }
  expect((await house.call('POST', '/v1/chat/completions', body, good)).status).toBe(200)
  expect(house.gateway.log.find(({ level }) => level === 'error' || level === 'fatal')).toBeUndefined()
})

/** Method, path and the headers without which nothing is found there, of everything that is mounted. */
function targets(): { method: string; path: string; headers: string }[] {
  const operators = house.routes.map(({ method, path }) => ({ dialect: 'gateway', method: method.toUpperCase(), path }))
  const all = [...operators.map((each) => ({ ...each, operation: 'operator' })), ...house.endpoints]
  return all.map((each) => {
    const { method, path, headers, body } = knockOn(each as House['endpoints'][number])
    // An empty body: what is refused before it is read must not need one.
    const more = body === undefined ? headers : { ...headers, 'content-length': '0' }
    const lines = Object.entries(more).map(([name, value]) => `${name}: ${value}\r\n`)
    return { method, path, headers: `host: gateway\r\n${lines.join('')}` }
  })
}

type Target = ReturnType<typeof targets>[number]

function requestWith({ method, path, headers }: Target, place: string, value: string): string {
  if (place === '?key=') {
    const sign = path.includes('?') ? '&' : '?'
    return `${method} ${path}${sign}key=${value} HTTP/1.1\r\n${headers}\r\n`
  }
  return `${method} ${path} HTTP/1.1\r\n${headers}${place}: ${value}\r\n\r\n`
}

/** What must not have been answered so. */
function misses(requests: readonly string[], replies: readonly RawReply[]): string[] {
  return replies.flatMap(({ status, body }, index) => {
    const isTold = body === '' || (body.startsWith('{') && body.includes('"message":'))
    if (ALLOWED.has(status) && isTold) return []
    return `${status} to ${JSON.stringify(requests[index]!.slice(0, 200))}: ${body.slice(0, 100)}`
  })
}

async function expectRefusals(requests: readonly string[]): Promise<void> {
  expect(misses(requests, await sendAll(house.gateway.url, requests)).slice(0, 20)).toEqual([])
}

describe('hostile credentials', () => {
  test('are refused at every path', async () => {
    // Each value at each path, from place to place.
    const requests = targets().flatMap((target, shift) =>
      values.map((value, index) => requestWith(target, PLACES[(index + shift) % PLACES.length]!, value)),
    )
    expect(requests.length).toBeGreaterThan(5_000)
    await expectRefusals(requests)
  })

  test('are refused in every place, whatever is in front of them', async () => {
    const some = targets().filter(({ path }) =>
      /keys$|\/me$|completions$|messages$|realtime|v2\/chat|passthrough/.test(path),
    )
    const requests = some
      .slice(0, 12)
      .flatMap((target) =>
        PLACES.flatMap((place) =>
          values.flatMap((value) => [
            requestWith(target, place, `Bearer ${value}`),
            requestWith(target, place, encodeURIComponent(withoutControls(value))),
          ]),
        ),
      )
    await expectRefusals(requests)
  })

  test('are refused among the subprotocols of a WebSocket', async () => {
    const sessions = targets().filter(({ path }) => path.includes('realtime'))
    expect(sessions).toHaveLength(3)
    const requests = sessions.flatMap((target) =>
      values.flatMap((value) => [
        requestWith(target, 'sec-websocket-protocol', `realtime, openai-insecure-api-key.${value}`),
        requestWith(target, 'sec-websocket-protocol', `${value},${value}`),
      ]),
    )
    await expectRefusals(requests)
  })

  test('are refused beside a good one, and so is one good key beside another', async () => {
    const other = (await house.make()).key
    const chat = targets().find(({ path }) => path === '/v1/chat/completions')!
    const pairs = PLACES.flatMap((first, index) => PLACES.slice(index + 1).map((second) => [first, second] as const))
    const inQuery = (target: Target, value: string): Target => ({ ...target, path: `${target.path}?key=${value}` })
    const requests = pairs.flatMap(([first, second]) =>
      [other, `${good.slice(0, -1)}-`].map((value) => {
        const target =
          second === '?key='
            ? inQuery(chat, value)
            : { ...chat, headers: `${chat.headers}${second}: Bearer ${value}\r\n` }
        return requestWith(target, first, first === 'authorization' ? `Bearer ${good}` : good)
      }),
    )
    const twice = PLACES.filter((place) => place !== '?key=' && place !== 'authorization').map((place) =>
      requestWith({ ...chat, headers: `${chat.headers}${place}: ${good}\r\n` }, place, other),
    )
    const second = { ...chat, headers: `${chat.headers}authorization: Bearer no-key\r\n` }
    const last = [
      requestWith(inQuery(chat, good), '?key=', other),
      requestWith(second, 'authorization', `Bearer ${good}`),
    ]
    await expectRefusals([...requests, ...twice, ...last])
  })

  test('are refused over HTTP/2', async () => {
    const session = connect(house.gateway.url)
    const ask = (headers: { [name: string]: string | string[] }): Promise<number> =>
      new Promise((resolve) => {
        const stream = session.request({ ':path': '/v1/models', ...headers })
        stream.on('response', (reply) => resolve(Number(reply[':status'])))
        stream.on('error', () => resolve(400)).resume()
      })
    const names = PLACES.filter((place) => place !== '?key=')
    const statuses = await Promise.all(
      values.flatMap((value) => names.map((name) => ask({ [name]: withoutControls(value) }))),
    )
    session.close()
    expect(statuses.filter((status) => !ALLOWED.has(status))).toEqual([])
  })
})

describe('requests that two readers could read in two ways', () => {
  const chat = 'POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n'
  const hidden = 'GET /health/live HTTP/1.1\r\nhost: gateway\r\n\r\n'
  const CASES: readonly (readonly [name: string, bytes: string])[] = [
    ['a length beside chunks', `${chat}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks beside a length', `${chat}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `${chat}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a list of lengths', `${chat}content-length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ['a negative length', `${chat}content-length: -1\r\n\r\n${hidden}`],
    ['a length with a sign', `${chat}content-length: +0\r\n\r\n${hidden}`],
    ['a length in hex', `${chat}content-length: 0x0\r\n\r\n${hidden}`],
    ['a length beyond numbers', `${chat}content-length: 99999999999999999999999\r\n\r\n${hidden}`],
    ['an encoding that is not known', `${chat}transfer-encoding: xchunked\r\n\r\n${hidden}`],
    ['chunks that are not the last encoding', `${chat}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n${hidden}`],
    ['an encoding on a folded line', `${chat}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a space in front of a colon', `${chat}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a line without a colon', `${chat}x-api-key\r\n\r\n`],
    ['a name with a space', `${chat}x api key: a\r\n\r\n`],
    ['a name with a control character', `${chat}x-api\u0000key: a\r\n\r\n`],
    ['a value with a bare CR', `${chat}x-api-key: a\rauthorization: b\r\n\r\n`],
    ['a value with a NUL', `${chat}x-api-key: a\u0000b\r\n\r\n`],
    ['no host', 'GET /v1/models HTTP/1.1\r\n\r\n'],
    ['a version that there is not', 'GET /v1/models HTTP/1.9\r\nhost: gateway\r\n\r\n'],
    ['a method that there is not', 'STEAL /v1/models HTTP/1.1\r\nhost: gateway\r\n\r\n'],
    ['a path with a control character', 'GET /v1/\u0001models HTTP/1.1\r\nhost: gateway\r\n\r\n'],
    ['a chunk with a bad size', `${chat}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`],
  ]

  /** Its reply closes the connection. */
  const last = 'GET /nowhere HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n'

  test.each(CASES)('%s: nothing is served of it, nor of what is behind it', async (_, bytes) => {
    const statuses = await statusesOf(house.gateway.url, bytes + last)
    expect(statuses.filter((status) => !ALLOWED.has(status))).toEqual([])
    expect(statuses.length).toBeLessThanOrEqual(1)
  })

  test('a body that nobody asked for is no request', async () => {
    const bytes = `${chat}content-length: ${hidden.length}\r\n\r\n${hidden}`
    expect(await statusesOf(house.gateway.url, bytes + last)).toEqual([401, 404])
  })
})

test('odd paths are refused', async () => {
  const paths = [...ODD_PATHS, ...LONG_PATHS]
  const methods = ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE']
  const ask = (method: string, path: string): string =>
    `${method} ${path} HTTP/1.1\r\nhost: gateway\r\ncontent-length: 0\r\nx-api-key: no\r\n\r\n`
  await expectRefusals(paths.flatMap((path) => methods.map((method) => ask(method, path))))
  const tunnels = ODD_PATHS.map((path) => ask('CONNECT', path))
  const replies = await sendAll(house.gateway.url, tunnels)
  expect(replies.filter(({ status }) => status !== 0 && status !== 400)).toEqual([])
})
