import { join } from 'node:path'
import { createTestGateway } from '@sluice/core/testing'
import { VENDORS } from '@sluice/provider-compatible'
import type { Vendor } from '@sluice/provider-compatible'
import { expect, test, vi } from 'vitest'
import type defaultConfig from '../../gateway.config.ts'
import { ROOT } from './packages.ts'

const VENDOR_KEYS = Object.values<Vendor>(VENDORS).flatMap(({ env }) => env ?? [])
const KEYS = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY', 'COHERE_API_KEY', ...VENDOR_KEYS]
const AWS = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

/** Providers of models in the config at the root, with only these keys in the environment. */
async function providersWith(keys: readonly string[]): Promise<string[]> {
  for (const key of [...KEYS, ...AWS])
    vi.stubEnv(key, keys.includes(key) ? (key === 'AWS_REGION' ? 'eu-west-1' : `value of ${key}`) : undefined)
  try {
    // A query makes it another module, read anew.
    const module = (await import(`${join(ROOT, 'gateway.config.ts')}?${keys.join()}`)) as {
      default: typeof defaultConfig
    }
    await using gateway = await createTestGateway(module.default)
    return gateway.gateway.inspect().providers.flatMap(({ id }) => (id === 'store-responses' ? [] : id))
  } finally {
    vi.unstubAllEnvs()
  }
}

test('without any key, the default config serves the echo model', async () => {
  expect(await providersWith([])).toEqual(['echo'])
})

test('each key adds its provider', async () => {
  expect(await providersWith(['OPENAI_API_KEY'])).toEqual(['echo', 'openai'])
  expect(await providersWith(['ANTHROPIC_API_KEY'])).toEqual(['echo', 'anthropic'])
  expect(await providersWith(['GEMINI_API_KEY'])).toEqual(['echo', 'gemini'])
  expect(await providersWith(['COHERE_API_KEY'])).toEqual(['echo', 'cohere'])
  expect(await providersWith(AWS)).toEqual(['echo', 'bedrock'])
  expect(await providersWith(['HF_TOKEN'])).toEqual(['echo', 'huggingface'])
  expect(await providersWith(KEYS)).toHaveLength(KEYS.length + 1)
})
