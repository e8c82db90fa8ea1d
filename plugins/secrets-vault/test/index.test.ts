import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@sluice/core'
import { createTestGateway, json, mockUpstream, testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { describe, expect, onTestFinished, test } from 'vitest'
import { vaultSecrets } from '../src/index.ts'
import { VaultClient } from '../src/vault-client.ts'
import { testVault } from './support/vault.ts'
import type { TestVault } from './support/vault.ts'

testPlugin({ test, plugin: vaultSecrets({ url: 'http://127.0.0.1:8200', token: 'root-token' }) })

const ANSWER = json({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
})
const KEY = secret('vault:kv/providers/openai#api_key')
const body = { model: 'openai/m', messages: [{ role: 'user', content: 'Hi' }] }

async function setUp(vault: TestVault, options: object = { token: 'root-token' }) {
  const upstream = await mockUpstream()
  onTestFinished(() => upstream.close())
  upstream.reply(ANSWER)
  const gateway = await createTestGateway({
    plugins: [
      openaiDialect(),
      openai({ apiKey: KEY, baseUrl: upstream.url }),
      vaultSecrets({ url: vault.url, ...options }),
    ],
  })
  onTestFinished(() => gateway.close())
  const credential = async (): Promise<unknown> => {
    await gateway.request('/v1/chat/completions', { body })
    return upstream.requests.at(-1)!.headers['authorization']
  }
  return { gateway, credential }
}

describe('a credential in Vault', () => {
  test('goes to the upstream, and is seen nowhere else', async () => {
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-from-the-vault' })
    const { gateway, credential } = await setUp(vault)
    expect(await credential()).toBe('Bearer sk-from-the-vault')
    expect(JSON.stringify(gateway.gateway.inspect()) + gateway.log.text()).not.toContain('sk-from-the-vault')
    expect(vault.calls).toEqual(['GET /v1/kv/data/providers/openai'])
  })

  test('is used as it is now, soon after it was changed there', async () => {
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-before-rotation' })
    const { gateway, credential } = await setUp(vault, { token: 'root-token', refresh: '20ms' })
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-after-rotation' })
    await expect.poll(credential).toBe('Bearer sk-after-rotation')
    expect(gateway.gateway.revision).toBe(2)
  })

  test('stays in use while Vault cannot be read', async () => {
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-from-the-vault' })
    const { gateway, credential } = await setUp(vault, { token: 'root-token', refresh: '20ms' })
    vault.fault = { status: 503, body: '{"errors":["Vault is sealed"]}' }
    await expect.poll(() => gateway.log.text()).toContain('Vault is sealed')
    expect(await credential()).toBe('Bearer sk-from-the-vault')
  })
})

describe('signing in', () => {
  test('by AppRole, in a namespace', async () => {
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-from-the-vault' })
    const { credential } = await setUp(vault, { appRole: { roleId: 'role', secretId: 'secret' }, namespace: 'team-a' })
    expect(await credential()).toBe('Bearer sk-from-the-vault')
    expect(vault.calls).toEqual(['POST /v1/auth/approle/login team-a', 'GET /v1/kv/data/providers/openai team-a'])
  })

  test("by a pod's service account", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const jwtFile = join(folder, 'token')
    writeFileSync(jwtFile, 'a token of the pod\n')
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-from-the-vault' })
    const { credential } = await setUp(vault, { kubernetes: { role: 'sluice', jwtFile } })
    expect(await credential()).toBe('Bearer sk-from-the-vault')
  })

  test('again before the token ends, and at once when it was revoked', async () => {
    await using vault = await testVault()
    vault.secrets.set('kv/a', { x: 'text' })
    let now = 0
    const signIn = { roleId: 'role', secretId: 'secret', mount: 'approle' }
    const client = new VaultClient({ url: vault.url, signIn, timeout: 1000 }, () => now)
    const logins = (): number => vault.calls.filter((call) => call.startsWith('POST')).length
    await client.read('kv/a')
    await client.read('kv/a')
    expect(logins()).toBe(1)
    now += 3000_000
    await client.read('kv/a')
    await client.read('kv/a')
    expect(logins()).toBe(2)
    vault.tokens.clear()
    expect(await client.read('kv/a')).toEqual({ x: 'text' })
    expect(logins()).toBe(3)
  })
})

describe('what stops the boot', () => {
  const refusals: [string, object, (vault: TestVault) => void, RegExp][] = [
    ['a wrong token', { token: 'wrong' }, () => undefined, /status 403: permission denied/],
    ['a wrong AppRole', { appRole: { roleId: 'x', secretId: 'y' } }, () => undefined, /status 400: invalid role/],
    ['no such secret', { token: 'root-token' }, (vault) => vault.secrets.clear(), /no such secret/],
    ['a deleted secret', { token: 'root-token' }, (vault) => vault.secrets.set('kv/providers/openai', null), /deleted/],
    [
      'no such field',
      { token: 'root-token' },
      (vault) => vault.secrets.set('kv/providers/openai', { b: 'x' }),
      /field "api_key"/,
    ],
    [
      'a sealed Vault',
      { token: 'root-token' },
      (vault) => (vault.fault = { status: 503, body: '{"errors":["sealed"]}' }),
      /sealed/,
    ],
    ['no JSON', { token: 'root-token' }, (vault) => (vault.fault = { status: 200, body: '<html>' }), /no JSON/],
    [
      'an endless answer',
      { token: 'root-token' },
      (vault) => (vault.fault = { status: 200, body: 'x'.repeat(2e6) }),
      /more than/,
    ],
    [
      'two ways to sign in',
      { token: 'a', appRole: { roleId: 'x', secretId: 'y' } },
      () => undefined,
      /one way to sign in/,
    ],
  ]
  test.each(refusals)('%s', async (_, options, change, message) => {
    await using vault = await testVault()
    vault.secrets.set('kv/providers/openai', { api_key: 'sk-from-the-vault' })
    change(vault)
    await expect(setUp(vault, options)).rejects.toThrow(message)
  })

  test('a Vault that does not answer, within the time limit', async () => {
    const vault = await testVault()
    await vault[Symbol.asyncDispose]()
    await expect(setUp(vault)).rejects.toThrow(/Vault is out of reach/)
  })

  test('an address that is none', async () => {
    await using vault = await testVault()
    const client = vaultSecrets({ url: vault.url, token: 'root-token' })
    const plugins = [openaiDialect(), openai({ apiKey: secret('vault:kv') }), client]
    await expect(createTestGateway({ plugins })).rejects.toThrow(/vault:<mount>\/<path>#<field>/)
  })
})
