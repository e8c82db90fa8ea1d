/** A gateway between clients and upstreams of all dialects. */
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { bedrock } from '@sluice/provider-bedrock'
import { cohere } from '@sluice/provider-cohere'
import { compatible, VENDORS } from '@sluice/provider-compatible'
import type { VendorName } from '@sluice/provider-compatible'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { request } from 'undici'
import type { Asked } from './ask/asker.ts'
import { DIALECTS } from './dialect-names.ts'
import type { ByDialect, DialectName } from './dialect-names.ts'
import { oneForm } from './one-form.ts'

/** A model of each upstream, as clients address it. */
export const TARGETS: ByDialect<string> = {
  'openai-chat': 'openai/gpt-4.1',
  'openai-responses': 'openai-responses/gpt-4.1',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
  cohere: 'cohere/command-a-03-2025',
  bedrock: 'bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0',
}

export interface Arena {
  gateway: TestGateway
  upstreams: ByDialect<MockUpstream>
  send(asked: Asked): Promise<Reply>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Reply {
  status: number
  contentType: string
  /** Parameters that were reported as dropped, sorted. */
  dropped: string[]
  headers: { readonly [name: string]: unknown }
  body: Buffer
}

/** Providers are called by their dialects, and those of `openai-chat` by their vendors. */
export async function openArena(): Promise<Arena> {
  const entries = await Promise.all(DIALECTS.map(async (dialect) => [dialect, await mockUpstream()] as const))
  const upstreams = Object.fromEntries(entries) as { [dialect in DialectName]: MockUpstream }
  const apiKey = 'sk-upstream'
  const chatUrl = `${upstreams['openai-chat'].url}/v1`
  const gateway = await createTestGateway({
    plugins: [
      [openaiDialect(), anthropicDialect(), geminiDialect(), cohereDialect(), bedrockDialect()],
      oneForm(openai({ apiKey, baseUrl: chatUrl })),
      (Object.keys(VENDORS) as VendorName[]).map((vendor) => oneForm(compatible({ vendor, apiKey, baseUrl: chatUrl }))),
      oneForm(
        openai(
          { apiKey, baseUrl: `${upstreams['openai-responses'].url}/v1`, api: 'responses' },
          { id: 'openai-responses' },
        ),
      ),
      anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
      gemini({ apiKey, baseUrl: upstreams.gemini.url }),
      cohere({ apiKey, baseUrl: upstreams.cohere.url }),
      bedrock({
        region: 'us-east-1',
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: apiKey,
        baseUrl: upstreams.bedrock.url,
      }),
    ],
  })
  return {
    gateway,
    upstreams,
    send: (asked) => send(gateway.url, asked),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(DIALECTS.map((dialect) => upstreams[dialect].close()))
    },
  }
}

/** @throws Error with what came in place of an answer */
export function checkAnswered({ status, body }: Reply): void {
  if (status !== 200) throw new Error(`the gateway refused with ${status}: ${body.toString()}`)
}

async function send(url: string, { path, headers, body }: Asked): Promise<Reply> {
  const reply = await request(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return {
    status: reply.statusCode,
    contentType: String(reply.headers['content-type']),
    dropped: String(reply.headers['x-sluice-dropped-params'] ?? '')
      .split(', ')
      .filter(Boolean)
      .sort(),
    headers: reply.headers,
    body: Buffer.from(await reply.body.arrayBuffer()),
  }
}
