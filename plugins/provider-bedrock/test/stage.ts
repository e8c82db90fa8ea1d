/** A gateway before a Bedrock that says what it is told. */
import { definePlugin } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { expect } from 'vitest'
import { bedrock } from '../src/index.ts'

/** The gateway's own. */
export const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-0123456789' }
/** Behind the gateway's model `fast`. */
export const CLAUDE = 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'

export interface Stage {
  upstream: MockUpstream
  gateway: TestGateway
  /** What the gateway found that the last exchange was worth; undefined until it is over. */
  usage(): unknown
  /** That the first request went out under the gateway's name. */
  expectSigned(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Answers by itself, and cannot count. */
const local = definePlugin({
  name: 'provider-local',
  version: '0.1.0',
  api: 1,
  id: 'local',
  setup({ addProvider }) {
    addProvider({ kind: 'local', answer: () => Promise.reject(new Error('nobody asks')) })
  },
})

/** @param others plugins beside Bedrock's; they get the address of the same upstream */
export async function openStage(others: (url: string) => PluginInstance[] = () => []): Promise<Stage> {
  let usage: unknown
  const ledger = definePlugin({
    name: 'log-usage',
    version: '0.1.0',
    api: 1,
    setup({ hooks }) {
      hooks.onUsage.tap('note', (counted) => {
        usage = counted ?? 'unknown'
        return counted
      })
    },
  })
  const upstream = await mockUpstream()
  const gateway = await createTestGateway({
    models: { fast: `bedrock/${CLAUDE}` },
    plugins: [
      bedrockDialect(),
      bedrock({ region: 'eu-central-1', ...KEYS, baseUrl: upstream.url }),
      ledger(),
      local(),
      others(upstream.url),
    ],
  })
  return {
    upstream,
    gateway,
    usage: () => usage,
    async expectSigned() {
      const { headers } = await upstream.request()
      expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\//)
      expect(JSON.stringify(headers)).not.toContain('client-key')
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}
