import { json, mockUpstream, text } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCredentials } from '../src/credentials/index.ts'
import type { Credentials, Surroundings } from '../src/credentials/index.ts'

const EXPIRATION = '2026-01-01T06:00:00Z'
const keys: Credentials = { accessKeyId: 'AKIA1', secretAccessKey: 'secret1' }
const temporary: Credentials = { ...keys, sessionToken: 'token1', expiresAt: Date.parse(EXPIRATION) }
const reply = {
  Code: 'Success',
  AccessKeyId: 'AKIA1',
  SecretAccessKey: 'secret1',
  Token: 'token1',
  Expiration: EXPIRATION,
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-bedrock-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Looks only where the test says: not in the files, nor the network, of the machine it runs on. */
function find(environment: NodeJS.ProcessEnv, more: Partial<Surroundings> = {}): Promise<Credentials> {
  const nowhere = { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' }
  return findCredentials({
    environment: { ...nowhere, ...environment },
    region: 'eu-central-1',
    endpoints: {},
    ...more,
  })
}

describe('credentials from the environment', () => {
  test('are its keys', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret1' }
    expect(await find(environment)).toEqual(keys)
    const token = { AWS_SESSION_TOKEN: 'token1', AWS_CREDENTIAL_EXPIRATION: EXPIRATION }
    expect(await find({ ...environment, ...token })).toEqual(temporary)
  })

  test('are not half a pair', async () => {
    await expect(find({ AWS_ACCESS_KEY_ID: 'AKIA1' })).rejects.toThrow('no AWS credentials')
  })
})

describe('credentials from the shared files', () => {
  const files = async () => ({
    AWS_SHARED_CREDENTIALS_FILE: await file(
      'credentials',
      '# of the team\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=secret1\n\n[ other ]\r\nAWS_ACCESS_KEY_ID = AKIA2\r\naws_secret_access_key = a=b\r\naws_session_token = t\r\n[half]\naws_access_key_id = AKIA3\n',
    ),
    AWS_CONFIG_FILE: await file(
      'config',
      '[default]\nregion = x\ns3 =\n  aws_access_key_id = nested\n[profile configured]\naws_access_key_id = AKIA4\naws_secret_access_key = secret4\n[profile sso]\nsso_start_url = https://example.com\n',
    ),
  })

  test('are those of the default profile, or of the one that is named', async () => {
    const environment = await files()
    expect(await find(environment)).toEqual(keys)
    const other = { accessKeyId: 'AKIA2', secretAccessKey: 'a=b', sessionToken: 't' }
    expect(await find({ ...environment, AWS_PROFILE: 'other' })).toEqual(other)
    expect(await find(environment, { profile: 'configured' })).toEqual({
      accessKeyId: 'AKIA4',
      secretAccessKey: 'secret4',
    })
  })

  test('a profile of the options comes before the environment', async () => {
    const environment = { ...(await files()), AWS_ACCESS_KEY_ID: 'AKIA9', AWS_SECRET_ACCESS_KEY: 'secret9' }
    expect((await find(environment, { profile: 'other' })).accessKeyId).toBe('AKIA2')
    expect((await find({ ...environment, AWS_PROFILE: 'other' })).accessKeyId).toBe('AKIA9')
  })

  test.each(['half', 'sso', 'nobody'])(
    'a profile without a pair of keys is refused by its name: %s',
    async (profile) => {
      await expect(find(await files(), { profile })).rejects.toThrow(`"${profile}"`)
    },
  )
})

/** A service of AWS's: asked by `look`, with `addresses` for it, as the environment or the options would name it. */
async function service(replies: [UpstreamReply, ...UpstreamReply[]], look: (url: string) => Promise<Credentials>) {
  await using upstream = await mockUpstream()
  upstream.reply(...replies)
  const found = await look(upstream.url).catch((error: unknown) => error)
  return { found, requests: upstream.requests }
}

describe('credentials for a web identity', () => {
  const xml = (name: string) =>
    `<${name}Response><${name}Result><Credentials><AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>secret1</SecretAccessKey><SessionToken>token1</SessionToken><Expiration>${EXPIRATION}</Expiration></Credentials></${name}Result></${name}Response>`
  const identity = async () => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: await file('token', 'jwt.of.kubernetes\n'),
    AWS_ROLE_ARN: 'arn:aws:iam::123:role/gateway',
    AWS_ROLE_SESSION_NAME: 'session',
  })

  test('are those of the role that STS gives for the token', async () => {
    const environment = await identity()
    const { found, requests } = await service([text(xml('AssumeRoleWithWebIdentity'))], (sts) =>
      find(environment, { endpoints: { sts } }),
    )
    expect(found).toEqual(temporary)
    expect([requests[0]!.method, requests[0]!.path, requests[0]!.headers.authorization]).toEqual([
      'POST',
      '/',
      undefined,
    ])
    expect(Object.fromEntries(new URLSearchParams(requests[0]!.body.toString()))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::123:role/gateway',
      RoleSessionName: 'session',
      WebIdentityToken: 'jwt.of.kubernetes',
    })
  })

  test('are none if STS refuses, and the token is in no message', async () => {
    const environment = await identity()
    const { found } = await service([text('<Error>', { status: 403 })], (sts) =>
      find({ ...environment, AWS_ENDPOINT_URL_STS: sts }),
    )
    expect(found).toBeInstanceOf(Error)
    expect(String(found)).toContain('403')
    expect(String(found)).not.toContain('jwt')
    await expect(find({ ...environment, AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere' })).rejects.toThrow('/nowhere')
  })
})

describe('credentials for a container', () => {
  test('are those of the task', async () => {
    const { found, requests } = await service([json(reply)], (container) =>
      find({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/id' }, { endpoints: { container } }),
    )
    expect(found).toEqual(temporary)
    expect(requests[0]!.path).toBe('/v2/credentials/id')
  })

  test('are those of the pod, for its token', async () => {
    const tokenFile = await file('pod-token', 'pod-jwt\n')
    const { found, requests } = await service([json(reply)], (url) =>
      find({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      }),
    )
    expect(found).toEqual(temporary)
    expect([requests[0]!.path, requests[0]!.headers.authorization]).toEqual(['/v1/credentials', 'pod-jwt'])
  })

  test.each(['http://example.com/x', 'http://169.254.169.254/x', 'http://127.0.0.1.example.com/x', 'not an address'])(
    'are not fetched from %s',
    async (url) => {
      await expect(find({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url })).rejects.toThrow(/without TLS|no address/)
    },
  )

  test.each<[string, UpstreamReply]>([
    ['no JSON', text('<html>')],
    ['no keys', json({ ...reply, AccessKeyId: '' })],
    ['no date', json({ ...reply, Expiration: 'soon' })],
    ['too much', text('x'.repeat(300_000))],
    ['a redirect', text('', { status: 302, headers: { location: 'http://example.com/' } })],
    ['a refusal', json({}, { status: 500 })],
  ])('are none if the answer is %s', async (_, answer) => {
    const { found } = await service([answer], (url) => find({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }))
    expect(found).toBeInstanceOf(Error)
    expect(String(found)).not.toContain('secret1')
  })
})

describe('credentials for an instance', () => {
  test('are those of its role, asked for within a session', async () => {
    const { found, requests } = await service([text('session-1'), text('role name\n'), json(reply)], (url) =>
      find({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
    )
    expect(found).toEqual(temporary)
    const session = { 'x-aws-ec2-metadata-token': 'session-1' }
    expect(requests).toMatchObject([
      { method: 'PUT', path: '/latest/api/token', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' } },
      { method: 'GET', path: '/latest/meta-data/iam/security-credentials/', headers: session },
      { method: 'GET', path: '/latest/meta-data/iam/security-credentials/role', headers: session },
    ])
  })

  test('are none without a role, or where they are switched off', async () => {
    const { found } = await service([text('session-1'), text('', { status: 404 })], (instance) =>
      find({ AWS_EC2_METADATA_DISABLED: '' }, { endpoints: { instance } }),
    )
    expect(String(found)).toContain('404')
    await expect(find({ AWS_EC2_METADATA_DISABLED: 'TRUE' })).rejects.toThrow('no AWS credentials')
  })
})

test('the first place that has any is the one', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(json(reply))
  const environment = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: upstream.url,
    AWS_ACCESS_KEY_ID: 'AKIA9',
    AWS_SECRET_ACCESS_KEY: 's',
  }
  expect((await find(environment)).accessKeyId).toBe('AKIA9')
  expect(upstream.requests).toHaveLength(0)
})
