import { json, mockUpstream } from '@sluice/core/testing'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { amzDate, authorization, uriEncode } from '../src/sign.ts'
import { signer } from '../src/signed-headers.ts'
import { MESSAGES, sendWithSdk, signing } from './sdk.ts'

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const pick = (headers: object, names: string[]) => {
  const entries = Object.entries(headers as { [name: string]: string })
  return Object.fromEntries(entries.filter(([name]) => names.includes(name)))
}

/** From AWS's published test suite for Signature Version 4. */
describe('a signature is that of AWS’s test suite', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const scope = { region: 'us-east-1', service: 'service' }
  const base = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' }
  const token =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
  const form = { ...base, 'content-type': 'application/x-www-form-urlencoded' }
  test.each<
    [name: string, method: string, path: string, headers: { [name: string]: string }, body: string, signature: string]
  >([
    ['get-vanilla', 'GET', '/', base, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      base,
      '',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['get-utf8', 'GET', '/ሴ', base, '', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    [
      'get-header-value-trim',
      'GET',
      '/',
      { ...base, 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
      '',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    ['post-vanilla', 'POST', '/', base, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      'POST',
      '/',
      form,
      'Param1=value1',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'post-sts-header-before',
      'POST',
      '/',
      { ...base, 'x-amz-security-token': token },
      '',
      '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    ],
  ])('%s', (_, method, path, headers, body, signature) => {
    const signed = Object.keys(headers).sort().join(';')
    expect(authorization({ method, path, headers, bodyHash: sha256(body) }, scope, credentials)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    )
  })
})

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret/+key', sessionToken: 'token==' }
const scope = { region: 'eu-central-1', service: 'bedrock' }
const MODELS = [
  'anthropic.claude-3-haiku-20240307-v1:0',
  'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2+c3',
]

describe('a signature is that of AWS’s own SDK', () => {
  test.each([...MODELS, "a!b'(c)*d ~é"])('for the same request, for the model %s', async (model) => {
    await using upstream = await mockUpstream()
    upstream.reply(json({ output: { message: { role: 'assistant', content: [] } }, stopReason: 'end_turn' }))
    await sendWithSdk(upstream.url, 'Converse', { modelId: model, messages: MESSAGES }, signing(credentials))
    const { method, path, headers, body } = await upstream.request()
    const names = /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';')
    expect(names).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']))
    expect(path).toBe(`/model/${uriEncode(model)}/converse`)
    const request = { method, path, headers: pick(headers, names), bodyHash: sha256(body) }
    expect(authorization(request, scope, credentials)).toBe(headers.authorization)
  })
})

describe('the headers that sign a request', () => {
  const sign = signer(scope, () => Promise.resolve(credentials))
  const outgoing = (body: Buffer) => ({ method: 'POST', host: 'example.com:8443', path: '/model/a%3A0/converse', body })

  test.each([0, 1000, 300_000])('hold for a body of %i bytes, its length notwithstanding', async (length) => {
    const body = Buffer.alloc(length, 'x')
    const { authorization: signature, ...headers } = await sign(outgoing(body))
    expect(headers).toEqual({
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/) as string,
      'x-amz-content-sha256': sha256(body),
      'x-amz-security-token': 'token==',
    })
    const request = { ...outgoing(body), headers: { ...headers, host: 'example.com:8443' }, bodyHash: sha256(body) }
    expect(signature).toBe(authorization(request, scope, credentials))
  })

  test('have no token where there is none', async () => {
    const { sessionToken: _, ...lasting } = credentials
    const headers = await signer(scope, () => Promise.resolve(lasting))(outgoing(Buffer.alloc(0)))
    expect(headers).not.toHaveProperty('x-amz-security-token')
  })

  test('cannot be had for a body that is not known as a whole', async () => {
    const pieces = (async function* () {
      yield Buffer.alloc(1)
      await Promise.resolve()
    })()
    await expect(sign({ ...outgoing(Buffer.alloc(0)), body: pieces })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })

  test('have the moment as AWS writes it', () => {
    expect(amzDate(new Date('2026-01-02T03:04:05.678Z'))).toBe('20260102T030405Z')
  })
})
