import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:http2'
import { request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway, definePlugin } from '../src/index.ts'
import type { GatewayConfig } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
const file = (name: string): string => join(folder, name)
const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
const certificate = (name: string, subject: string): void => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`]
  openssl('req', ...key, '-subj', subject, '-out', `${name}.csr`)
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-out',
    `${name}.crt`,
  )
}

/** Everywhere but where it must be there, tests without it are left out. */
const isMissing = spawnSync('openssl', ['version']).error !== undefined && !process.env['CI']
if (isMissing) process.stderr.write('tests of TLS are left out: there is no openssl\n')

beforeAll(() => {
  if (isMissing) return
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key']
  openssl('req', '-x509', ...key, '-subj', '/CN=test authority', '-days', '2', '-out', 'ca.crt')
  openssl('req', '-x509', ...key.slice(0, -1), 'other.key', '-subj', '/CN=another', '-days', '2', '-out', 'other.crt')
  certificate('server', '/CN=localhost')
  certificate('client', '/CN=caller/O=Team A')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Says what it knows of the client. */
const whoami = definePlugin({
  name: 'auth-whoami',
  version: '1.0.0',
  api: 1,
  setup({ router }) {
    router.get('/whoami', { permission: 'public' }, (context, { start }) => {
      const { subject, authorized } = start.certificate ?? {}
      context.body = { name: subject?.['CN'] ?? null, authorized: authorized ?? null, ip: start.ip }
    })
  },
})

const secured = (tls: object): GatewayConfig => ({
  server: { port: 0, logLevel: 'silent', tls: { cert: file('server.crt'), key: file('server.key'), ...tls } },
  plugins: [whoami()],
})

function get(url: string, options: RequestOptions = {}): Promise<string> {
  const ca = readFileSync(file('ca.crt'))
  return new Promise((resolve, reject) => {
    request(`${url}/whoami`, { ca, servername: 'localhost', agent: false, ...options }, (reply) => {
      text(reply).then(resolve, reject)
    })
      .on('error', reject)
      .end()
  })
}

describe.skipIf(isMissing)('server.tls', () => {
  test('HTTP/1.1 and HTTP/2 come over TLS on one port', async () => {
    const gateway = await createGateway(secured({}))
    const { url } = await gateway.listen()
    expect(url).toMatch(/^https:/)
    expect(JSON.parse(await get(url))).toEqual({ name: null, authorized: null, ip: '127.0.0.1' })
    const session = connect(url, { ca: readFileSync(file('ca.crt')), servername: 'localhost' })
    expect(JSON.parse(await text(session.request({ ':path': '/whoami' })))).toMatchObject({ ip: '127.0.0.1' })
    session.close()
    await gateway.close()
  })

  test('a certificate that a client shows is known to plugins, and whether its authority is ours', async () => {
    const own = { cert: readFileSync(file('client.crt')), key: readFileSync(file('client.key')) }
    const gateway = await createGateway(secured({ ca: file('ca.crt'), requestCert: true }))
    const { url } = await gateway.listen()
    expect(JSON.parse(await get(url, own))).toMatchObject({ name: 'caller', authorized: true })
    expect(JSON.parse(await get(url))).toMatchObject({ name: null, authorized: null })
    await gateway.close()

    const stranger = await createGateway(secured({ ca: file('other.crt'), requestCert: true }))
    const { url: elsewhere } = await stranger.listen()
    expect(JSON.parse(await get(elsewhere, own))).toMatchObject({ name: 'caller', authorized: false })
    await stranger.close()
  })

  test.each([
    [{ requestCert: true }, /server\.tls\.ca: is required/],
    [{ key: '/nowhere/key.pem' }, /server\.tls\.key: .* cannot be read/],
    [
      { cert: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----' },
      /server\.tls: the certificate or key/,
    ],
  ])('%j is refused when the config is read', async (tls, message) => {
    await expect(createGateway(secured(tls))).rejects.toThrow(message)
  })
})
