/** A gateway between the official SDKs and two scripted upstreams, one for each API. */
import Anthropic from '@anthropic-ai/sdk'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible, VENDORS } from '@sluice/provider-compatible'
import type { VendorName } from '@sluice/provider-compatible'
import { openai } from '@sluice/provider-openai'
import OpenAI from 'openai'
import { APIS } from './api.ts'
import type { Api } from './api.ts'

export interface Stage {
  gateway: TestGateway
  upstreams: { readonly [api in Api]: MockUpstream }
  clients: Clients
  [Symbol.asyncDispose](): Promise<void>
}

export interface Clients {
  openai: OpenAI
  anthropic: Anthropic
}

export const CLIENT_KEY = 'sk-client-fedcba9876543210'
export const UPSTREAM_KEY = 'sk-upstream-0123456789abcdef'

/**
 * Providers are called by their vendors: `anthropic`, and `openai` and all that speak its API, for which one
 * upstream stands.
 * @param models aliases of the gateway's config
 */
export async function openStage(models: NonNullable<GatewayConfig['models']> = {}): Promise<Stage> {
  const upstreams = { openai: await mockUpstream(), anthropic: await mockUpstream() }
  const apiKey = UPSTREAM_KEY
  const baseUrl = `${upstreams.openai.url}/v1`
  const gateway = await createTestGateway({
    server: { logLevel: 'debug' },
    models,
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey, baseUrl }),
      anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
      (Object.keys(VENDORS) as VendorName[]).map((vendor) => compatible({ vendor, apiKey, baseUrl })),
    ],
  })
  return {
    gateway,
    upstreams,
    clients: clientsOf(gateway.url),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(APIS.map((api) => upstreams[api].close()))
    },
  }
}

/** The SDKs as their documents say to set them up for another address; retries would only hide faults. */
export function clientsOf(url: string): Clients {
  return {
    openai: new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: CLIENT_KEY, baseURL: url, maxRetries: 0 }),
  }
}
