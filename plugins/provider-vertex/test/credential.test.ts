import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, UpstreamReply } from '@sluice/core/testing'
import { geminiDialect } from '@sluice/dialect-gemini'
import { jwtVerify } from 'jose'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { vertex } from '../src/index.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const keyOf = (tokenUrl: string) => ({
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'key-1',
  private_key: pem,
  client_email: 'robot@my-project.iam.gserviceaccount.com',
  token_uri: `${tokenUrl}/token`,
})
const token = (value: string, expires_in = 3600): UpstreamReply =>
  json({ access_token: value, expires_in, token_type: 'Bearer' })
const answer = json({ candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] })

const folder = mkdtempSync(join(tmpdir(), 'sluice-vertex-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Options = Partial<Parameters<typeof vertex>[0]>

/** A gateway whose provider has its tokens from `issuer`. */
async function bench(issuer: MockUpstream, options: Options) {
  const upstream = await mockUpstream()
  upstream.reply(answer)
  const plugin = vertex({ project: 'my-project', baseUrl: upstream.url, metadataUrl: issuer.url, ...options })
  const gateway = await createTestGateway({ plugins: [geminiDialect(), plugin] })
  const ask = () =>
    gateway.request('/v1beta/models/vertex/gemini-2.5-flash:generateContent', {
      body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    })
  const sent = () => upstream.requests.map(({ headers }) => headers.authorization)
  const close = async () => {
    await gateway.close()
    await upstream.close()
  }
  return { gateway, ask, sent, [Symbol.asyncDispose]: close }
}

describe('the key of a service account', () => {
  const file = join(folder, 'key.json')
  const forms: [what: string, credentials: (tokenUrl: string) => Options['credentials']][] = [
    ['an object', (url) => keyOf(url)],
    ['JSON', (url) => JSON.stringify(keyOf(url))],
    ['a file', (url) => (writeFileSync(file, JSON.stringify(keyOf(url))), file)],
    ['an object with escaped line ends', (url) => ({ ...keyOf(url), private_key: pem.replaceAll('\n', '\\n') })],
  ]
  test.each(forms)('as %s signs for a token, which is kept', async (_, credentials) => {
    await using issuer = await mockUpstream()
    issuer.reply(token('ya29.first'))
    await using subject = await bench(issuer, { credentials: credentials(issuer.url)! })
    for (let count = 0; count < 3; count++) expect((await subject.ask()).status).toBe(200)
    expect(subject.sent()).toEqual(Array(3).fill('Bearer ya29.first'))
    expect(issuer.requests.map(({ method, path }) => [method, path])).toEqual([['POST', '/token']])
    const form = new URLSearchParams((await issuer.request()).body.toString())
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion')!, publicKey, {
      audience: `${issuer.url}/token`,
    })
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'key-1' })
    expect(payload).toMatchObject({
      iss: 'robot@my-project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    expect(payload.exp! - payload.iat!).toBe(3600)
  })

  test('is asked for one token, however many requests wait for it', async () => {
    await using issuer = await mockUpstream()
    issuer.reply(token('ya29.first'))
    await using subject = await bench(issuer, { credentials: keyOf(issuer.url) })
    await Promise.all(Array.from({ length: 5 }, () => subject.ask()))
    expect([issuer.requests.length, subject.sent()]).toEqual([1, Array(5).fill('Bearer ya29.first')])
  })

  test('signs anew when the token has ended', async () => {
    await using issuer = await mockUpstream()
    issuer.reply(token('ya29.first', 600), token('ya29.second', 600))
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      await using subject = await bench(issuer, { credentials: keyOf(issuer.url) })
      await subject.ask()
      vi.setSystemTime(Date.now() + 400_000)
      await subject.ask()
      vi.setSystemTime(Date.now() + 200_000)
      await subject.ask()
      expect(subject.sent()).toEqual(['Bearer ya29.first', 'Bearer ya29.first', 'Bearer ya29.second'])
    } finally {
      vi.useRealTimers()
    }
  })

  test.each<[what: string, reply: UpstreamReply]>([
    ['a refusal', json({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, { status: 400 })],
    ['no token', json({ expires_in: 3600 })],
    ['something that is no JSON', json('x')],
    ['an answer without an end', json({ access_token: 'x'.repeat(100_000), expires_in: 1 })],
  ])('that is answered with %s is the gateway’s trouble; the next request tries again', async (_, reply) => {
    await using issuer = await mockUpstream()
    issuer.reply(reply, token('ya29.first'))
    await using subject = await bench(issuer, { credentials: keyOf(issuer.url) })
    const refused = await subject.ask()
    expect([refused.status, refused.json()]).toMatchObject([502, { error: { status: 'UNAVAILABLE' } }])
    expect(refused.text).not.toMatch(/invalid_grant|robot/)
    expect((await subject.ask()).status).toBe(200)
  })

  test('is shown and logged nowhere', async () => {
    await using issuer = await mockUpstream()
    issuer.reply(json({ error: 'invalid_grant' }, { status: 400 }))
    await using subject = await bench(issuer, { credentials: keyOf(issuer.url) })
    await subject.ask()
    const line = pem.split('\n')[3]!
    expect(JSON.stringify(subject.gateway.gateway.inspect())).not.toContain(line)
    expect(subject.gateway.log.text()).not.toContain(line)
  })
})

test('without a credential, the metadata server of the machine gives the tokens', async () => {
  await using issuer = await mockUpstream()
  issuer.reply(token('ya29.machine'))
  await using subject = await bench(issuer, {})
  await subject.ask()
  const { method, path, headers } = await issuer.request()
  expect([method, path, headers['metadata-flavor']]).toEqual([
    'GET',
    '/computeMetadata/v1/instance/service-accounts/default/token',
    'Google',
  ])
  expect(subject.sent()).toEqual(['Bearer ya29.machine'])
})

test('a given token is sent as it is, and nobody asked for another', async () => {
  await using issuer = await mockUpstream()
  await using subject = await bench(issuer, { accessToken: 'ya29.given' })
  await subject.ask()
  expect([subject.sent(), issuer.requests]).toEqual([['Bearer ya29.given'], []])
})

describe('at boot is refused', () => {
  const boot = (options: Options) =>
    createTestGateway({ plugins: [geminiDialect(), vertex({ project: 'my-project', ...options })] })

  test.each<[what: string, options: Options, words: string]>([
    ['two credentials', { accessToken: 'ya29.given', credentials: keyOf('http://x') }, 'only one'],
    ['a key without an account', { credentials: { private_key: pem } }, 'client_email'],
    ['a private key that is none', { credentials: { ...keyOf('http://x'), private_key: 'secret-text' } }, 'PEM'],
    ['a file that is not there', { credentials: join(folder, 'nowhere.json') }, 'ENOENT'],
    ['JSON that is none', { credentials: '{secret-text' }, 'not JSON'],
  ])('%s', async (_, options, words) => {
    await expect(boot(options)).rejects.toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(words) as string }),
    )
    await expect(boot(options)).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret-text') as string }),
    )
  })

  test.each<Options>([{ project: '../x' }, { location: 'us/../x' }, { publisher: 'meta' as never }])(
    '%j',
    async (options) => {
      await expect(boot(options)).rejects.toThrow(expect.objectContaining({ code: 'plugin_options' }))
    },
  )
})
