/** What serves the clients of other vendors. It is installed beside the tests that cross packages. */
import type { PluginInstance } from '@sluice/core'
import { createRequire } from 'node:module'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

interface AnthropicClient {
  messages: { countTokens(body: object): Promise<{ input_tokens: number; estimated?: boolean }> }
}

interface OpenAIClient {
  embeddings: { create(body: object): Promise<{ data: { embedding: number[] }[]; usage: object }> }
}

const installed = createRequire(new URL('../../../test/package.json', import.meta.url))
const load = async (name: string): Promise<unknown> => import(installed.resolve(name))

const { anthropicDialect } = (await load('@sluice/dialect-anthropic')) as { anthropicDialect: () => PluginInstance }
const { anthropic } = (await load('@sluice/provider-anthropic')) as { anthropic: (options: object) => PluginInstance }
export const { default: Anthropic } = (await load('@anthropic-ai/sdk')) as {
  default: new (options: object) => AnthropicClient
}

const { openaiDialect } = (await load('@sluice/dialect-openai')) as { openaiDialect: () => PluginInstance }
export const { default: OpenAI } = (await load('openai')) as { default: new (options: object) => OpenAIClient }

/** For clients of OpenAI's, before Bedrock. */
export function openStageForOpenAI(): Promise<Stage> {
  return openStage(() => [openaiDialect()])
}

/** Bedrock and Anthropic, behind one gateway and at one address. */
export function openStageWithAnthropic(): Promise<Stage> {
  return openStage((baseUrl) => [anthropicDialect(), anthropic({ apiKey: 'sk-ant-1', baseUrl })])
}
