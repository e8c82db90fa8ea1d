import { generateKeyPairSync } from 'node:crypto'
import { GatewayError } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { jwtAuth } from '../src/index.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one' }
const base = { issuer: 'https://issuer.example', audience: ['gateway'] }

testPlugin({ test, plugin: jwtAuth({ ...base, keys: [key] }) })

describe('the options', () => {
  test.each([
    ['a secret key', { keys: [{ ...privateKey.export({ format: 'jwk' }) }] }, 'config_invalid'],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA' }] }, 'config_invalid'],
    ['a key that is none', { keys: [{ kty: 'RSA', n: 'x' }] }, 'config_invalid'],
    ['the algorithm none', { algorithms: ['none'] }, 'plugin_options'],
    ['an algorithm with a shared secret', { algorithms: ['HS256'] }, 'plugin_options'],
    ['no audience', { audience: [] }, 'plugin_options'],
    ['an issuer that is no address', { issuer: 'issuer' }, 'plugin_options'],
  ])('take no %s', async (_, options, code) => {
    const error = await createTestGateway({ plugins: [jwtAuth({ ...base, ...options })] }).then(
      (gateway) => gateway.close(),
      (error: unknown) => error,
    )
    expect(GatewayError.is(error) && error.code).toBe(code)
  })
})
