import { request } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { definePlugin } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CREDENTIAL_LIMIT, presentedCredential } from '../src/index.ts'

const KEY = 'sk-sluice-0123456789ab'

/** As the kernel hands it over: names in lower case. */
const presented = (headers: { [name: string]: string }, search = ''): string | undefined =>
  presentedCredential({ headers, start: { search } } as never)
const refused = expect.objectContaining({ code: 'invalid_api_key', status: 401 }) as Error

const PLACES: [place: string, put: (value: string) => [headers: { [name: string]: string }, search?: string]][] = [
  ['authorization', (value) => [{ authorization: `Bearer ${value}` }]],
  ['x-api-key', (value) => [{ 'x-api-key': value }]],
  ['api-key', (value) => [{ 'api-key': value }]],
  ['x-goog-api-key', (value) => [{ 'x-goog-api-key': value }]],
  ['?key=', (value) => [{}, `?key=${encodeURIComponent(value)}`]],
]

describe.each(PLACES)('in %s', (_, put) => {
  test.each([
    ['a key', KEY],
    ['a token with dots and padding', 'eyJhbGciOi.eyJzdWIi.c2ln+/=='],
    ['one as long as may be', 'k'.repeat(CREDENTIAL_LIMIT)],
    ['a single character', 'k'],
  ])('%s is found', (_, value) => {
    expect(presented(...put(value))).toBe(value)
  })

  test('an empty value is none', () => {
    expect(presented(...put(''))).toBeUndefined()
  })

  test.each([
    ['one character too long', 'k'.repeat(CREDENTIAL_LIMIT + 1)],
    ['of 10 KB', 'k'.repeat(10_240)],
    ['joined with itself', `${KEY}, ${KEY}`],
    ['joined without a space', `${KEY},${KEY}`],
    ['with a space in it', `${KEY} x`],
    ['with a tab in it', `${KEY}\tx`],
    ['with a null character', `${KEY}\0`],
    ['with a line end', `${KEY}\r\nx-api-key: other`],
    ['with a letter beyond ASCII', `${KEY}é`],
    ['with its scheme twice', `Bearer ${KEY}`],
  ])('one that is %s is refused', (_, value) => {
    expect(() => presented(...put(value))).toThrow(refused)
  })
})

describe('in several places', () => {
  test('the same one is one', () => {
    const everywhere = { authorization: `Bearer ${KEY}`, 'x-api-key': KEY, 'api-key': KEY, 'x-goog-api-key': KEY }
    expect(presented(everywhere, `?key=${KEY}&key=${KEY}`)).toBe(KEY)
  })

  test.each(
    PLACES.flatMap(([a, putA]) => PLACES.filter(([b]) => a < b).map(([b, putB]) => [a, b, putA, putB] as const)),
  )('different ones in %s and %s are refused', (_, __, putA, putB) => {
    const [headersA, searchA] = putA(KEY)
    const [headersB, searchB] = putB(`${KEY}0`)
    expect(() => presented({ ...headersA, ...headersB }, searchA ?? searchB ?? '')).toThrow(refused)
  })

  test('an empty one leaves the other', () => {
    expect(presented({ authorization: 'Bearer ', 'x-api-key': KEY }, '?key=')).toBe(KEY)
  })
})

describe('the authorization header', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('is understood with the scheme written %s', (scheme) => {
    expect(presented({ authorization: `${scheme} ${KEY}` })).toBe(KEY)
  })

  test('may hold several spaces', () => {
    expect(presented({ authorization: `Bearer   ${KEY}` })).toBe(KEY)
  })

  test.each([
    '',
    'Bearer',
    'Bearer ',
    `Bearer${KEY}`,
    'Basic dXNlcjpwYXNz',
    `Token ${KEY}`,
    KEY,
    'AWS4-HMAC-SHA256 Credential=x',
  ])('is none if it is %j', (authorization) => {
    expect(presented({ authorization })).toBeUndefined()
  })

  test.each([`Bearer\t${KEY}`, `Bearer Bearer ${KEY}`, `Bearer ${KEY}, Bearer ${KEY}`])(
    'is refused if it is %j',
    (authorization) => {
      expect(() => presented({ authorization })).toThrow(refused)
    },
  )
})

describe('the query', () => {
  test.each([
    ['?key=a%2Fb', 'a/b'],
    ['?%6bey=abc', 'abc'],
    ['?alt=sse&key=abc', 'abc'],
    ['?key=abc&key=abc', 'abc'],
    ['?Key=abc', undefined],
    ['?monkey=abc', undefined],
    ['?', undefined],
    ['?key', undefined],
  ])('%s gives %s', (search, credential) => {
    expect(presented({}, search)).toBe(credential)
  })

  test.each(['?key=a+b', '?key=a%00b', '?key=%ff', '?key=abc&key=abd', '?key=a%2Cb'])('%s is refused', (search) => {
    expect(() => presented({}, search)).toThrow(refused)
  })
})

test('whatever two places say, it is found, none, or refused', () => {
  const odd = ['', ' ', '\0', '\t', 'é', '\u{1f511}', 'Bearer', `Bearer ${KEY}`, '%', '&key=', 'k'.repeat(10_240), KEY]
  for (const [, putA] of PLACES) {
    for (const [[headersA, searchA], [headersB, searchB]] of odd.flatMap((a) =>
      PLACES.flatMap(([, putB]) => odd.map((b) => [putA(a), putB(b)] as const)),
    )) {
      try {
        expect(presented({ ...headersA, ...headersB }, searchB ?? searchA) ?? 'none').toMatch(/^[!-~]+$/)
      } catch (error) {
        expect(error).toEqual(refused)
      }
    }
  }
})

describe('over HTTP', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    const asked = definePlugin({
      name: 'test-asked',
      version: '1.0.0',
      api: 1,
      setup({ hooks, router }) {
        hooks.authenticate.tap('credential', (exchange) => {
          const id = presentedCredential(exchange)
          return id === undefined ? undefined : { id, permissions: ['*'] }
        })
        router.get('/who', { permission: 'test:read' }, (context, { principal }) => void (context.body = principal.id))
      },
    })
    gateway = await createTestGateway({ plugins: [asked()] })
  })
  afterAll(() => gateway.close())

  const who = (headers: OutgoingHttpHeaders, path = '/who'): Promise<[status: number, text: string]> =>
    new Promise((resolve, reject) => {
      request(`${gateway.url}${path}`, { headers }, (reply) => {
        let text = ''
        reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        reply.on('end', () => resolve([reply.statusCode ?? 0, text]))
      })
        .on('error', reject)
        .end()
    })

  test('the case of names does not count', async () => {
    expect(await who({ 'X-Api-KEY': KEY, AUTHORIZATION: `bearer ${KEY}` })).toEqual([200, KEY])
  })

  test('a header that is sent twice is refused, even with the same value', async () => {
    expect(await who({ 'x-api-key': [KEY, KEY] })).toEqual([401, expect.stringContaining('invalid_api_key')])
    expect(await who({ 'x-api-key': [KEY, 'other'] })).toEqual([401, expect.stringContaining('invalid_api_key')])
  })

  test('of several authorization headers the first counts', async () => {
    expect(await who({ authorization: [`Bearer ${KEY}`, 'Bearer other'] as never })).toEqual([200, KEY])
  })

  test('blanks around a value do not count', async () => {
    expect(await who({ 'api-key': `  ${KEY}\t ` })).toEqual([200, KEY])
  })

  test('no refusal repeats what was sent', async () => {
    for (const headers of [{ 'x-api-key': 'plan,ted' }, { 'x-api-key': 'planted', 'api-key': 'other' }]) {
      const [status, text] = await who(headers)
      expect([status, text.includes('plan')]).toEqual([401, false])
    }
  })
})
