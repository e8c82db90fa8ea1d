/** Vercel's AI SDK as a client of the gateway, through each of its official providers. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, jsonSchema, Output, streamText } from 'ai'
import type { FinishReason, JSONSchema7, LanguageModel } from 'ai'
import { TARGETS } from './arena.ts'
import { DIALECTS } from './dialect-names.ts'
import type { ByDialect, DialectName } from './dialect-names.ts'

/** By what makes the model in applications' code, and the dialect that it speaks. */
export const AI_CLIENTS = {
  openai: 'openai-responses',
  'openai.chat': 'openai-chat',
  anthropic: 'anthropic',
  google: 'gemini',
} as const satisfies { [client: string]: DialectName }

export type AiClient = keyof typeof AI_CLIENTS
export const AI_NAMES = Object.keys(AI_CLIENTS) as AiClient[]

/** The SDK's providers as their documents say to set them up for another address. */
export function aiProviders(url: string) {
  const apiKey = 'sk-client'
  return {
    openai: createOpenAI({ apiKey, baseURL: `${url}/v1` }),
    anthropic: createAnthropic({ apiKey, baseURL: `${url}/v1` }),
    google: createGoogle({ apiKey, baseURL: `${url}/v1beta` }),
  }
}

export type AiModels = { readonly [client in AiClient]: (model: string) => LanguageModel }

export function aiModels(url: string): AiModels {
  const { openai, anthropic, google } = aiProviders(url)
  return {
    openai: (model) => openai(model),
    'openai.chat': (model) => openai.chat(model),
    anthropic: (model) => anthropic(model),
    // Without it, a name with a slash is taken for a whole path.
    google: (model) => google(`models/${model}`),
  }
}

export interface AiPair {
  client: AiClient
  upstream: DialectName
  isStream: boolean
  /** As the client names the upstream's model. */
  target: string
}

/** Every client with every upstream, streamed and not. */
export function aiPairs(targets: ByDialect<string> = TARGETS): AiPair[] {
  return AI_NAMES.flatMap((client) =>
    DIALECTS.flatMap((upstream) =>
      [false, true].map((isStream) => ({ client, upstream, isStream, target: targets[upstream] })),
    ),
  )
}

export interface AskingAi extends Omit<Parameters<typeof generateText>[0], 'output'> {
  /** Of the answer, if it shall be an object. */
  schema?: JSONSchema7
}

/** What an application gets of an answer, the last one if there were several. */
export interface HeardByAi {
  text: string
  thoughts: string | undefined
  finish: FinishReason
  tokens: [input: number | undefined, output: number | undefined]
  /** Those that are the application's to make. */
  calls: [name: string, input: unknown][]
  /** Of the tools that ran on the way. */
  results: unknown[]
  sources: string[]
  output: unknown
}

/** Asks, and goes on as often as `asking` allows where it has tools that can be run. @throws the SDK's errors */
export async function askAi(isStream: boolean, { schema, ...asking }: AskingAi): Promise<HeardByAi> {
  const options = {
    maxRetries: 0,
    ...asking,
    ...(schema && { output: Output.object({ schema: jsonSchema(schema) }) }),
  } as Parameters<typeof generateText>[0]
  const result = isStream
    ? await finished(streamText({ ...options, onError: () => undefined }))
    : await generateText(options)
  const { steps } = result
  const { text, reasoningText, finishReason, usage, toolCalls, sources } = steps.at(-1)!
  return {
    text,
    thoughts: reasoningText,
    finish: finishReason,
    tokens: [usage.inputTokens, usage.outputTokens],
    calls: toolCalls.filter(({ providerExecuted }) => !providerExecuted).map((call) => [call.toolName, call.input]),
    results: steps.flatMap(({ toolResults }) => toolResults.map((each) => each.output as unknown)),
    sources: sources.flatMap((source) => (source.sourceType === 'url' ? source.url : [])),
    output: schema && result.output,
  }
}

type Result = Pick<Awaited<ReturnType<typeof generateText>>, 'steps' | 'output'>

async function finished(stream: ReturnType<typeof streamText>): Promise<Result> {
  for await (const part of stream.stream) if (part.type === 'error') throw part.error
  return { steps: await stream.steps, output: await stream.output }
}
