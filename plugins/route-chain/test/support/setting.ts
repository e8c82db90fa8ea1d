/** A gateway with chains, in front of an upstream that answers each model as a script says. */
import type { GatewayConfig, JsonObject, PluginInstance } from '@sluice/core'
import { createTestGateway, json, mockUpstream, sse } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { chains } from '../../src/index.ts'

export const CHAT = '/v1/chat/completions'

export type ChainOptions = Parameters<typeof chains>[0]['chains'][string]
type Steps = ChainOptions['steps']

/** What the upstream was asked. */
export interface Asked {
  model: string
  stream?: boolean
  messages: { role: string; content: unknown }[]
  [field: string]: unknown
}
/** By model: the answers in turn, of which the last is given for ever; a text, or a reply of any kind. */
export type Script = { [model: string]: (string | UpstreamReply) | (string | UpstreamReply)[] }

export interface Setting {
  gateway: TestGateway
  upstream: MockUpstream
  /** Requests of a model, or of all, in order of arrival. */
  asked(model?: string): Asked[]
  /** Asks the chain "c". */
  ask(more?: JsonObject): Promise<TestReply>
  [Symbol.asyncDispose](): Promise<void>
}

export interface SettingOptions {
  script: Script
  /** More chains than "c". */
  others?: { [name: string]: ChainOptions }
  plugins?: PluginInstance[]
  config?: GatewayConfig
}

/** The chain "c" has `steps`; its output is the last of them unless `more` says otherwise. */
export async function setUp(
  steps: Steps,
  settings: SettingOptions,
  more: Partial<ChainOptions> = {},
): Promise<Setting> {
  const { script, others = {}, plugins = [], config } = settings
  const upstream = await mockUpstream()
  upstream.reply(scripted(script))
  const chain: ChainOptions = { steps, output: Object.keys(steps).at(-1)!, ...more }
  const gateway = await createTestGateway({
    ...config,
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey: 'sk-of-the-gateway', baseUrl: `${upstream.url}/v1` }),
      chains({ chains: { c: chain, ...others } }),
      ...plugins,
    ],
  }).catch(async (error) => {
    await upstream.close()
    throw error
  })
  return {
    gateway,
    upstream,
    asked: (model) => {
      const all = upstream.requests.map((request) => request.json() as Asked)
      return model === undefined ? all : all.filter((each) => each.model === model)
    },
    ask: (body = {}) =>
      gateway.request(CHAT, { body: { model: 'c', messages: [{ role: 'user', content: 'Hello' }], ...body } }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

function scripted(script: Script): UpstreamReply {
  const turns = new Map(Object.entries(script).map(([model, replies]) => [model, [replies].flat()]))
  return (request, response) => {
    const { model, stream } = request.json() as Asked
    const left = turns.get(model)
    if (!left) throw new Error(`nothing is scripted for ${model}`)
    const next = left.length > 1 ? left.shift()! : left[0]!
    const reply = typeof next === 'string' ? (stream ? spoken(next) : said(next)) : next
    return reply(request, response)
  }
}

export const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }

/** A whole answer. */
export function said(
  content: string | null,
  message: JsonObject = {},
  finish = 'stop',
  usage: JsonObject = USAGE,
): UpstreamReply {
  const choices = [{ index: 0, message: { role: 'assistant', content, ...message }, finish_reason: finish }]
  return json({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'served', choices, usage })
}

/** A stream of words. */
export function spoken(text: string, usage: JsonObject = USAGE): UpstreamReply {
  return sse(frames(text, usage))
}

export function frames(text: string, usage: JsonObject = USAGE): string {
  const words = text === '' ? [] : text.split(/(?<=\S)(?=\s)/)
  const deltas = words.map((content) =>
    chunk([{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }]),
  )
  const end = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
  return [...deltas, end, chunk([], { usage }), 'data: [DONE]\n\n'].join('')
}

export function chunk(choices: JsonObject[], more: JsonObject = {}): string {
  const event = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'served', choices, ...more }
  return `data: ${JSON.stringify(event)}\n\n`
}

/** The text of an answer of OpenAI's API. */
export function textOf(reply: TestReply): unknown {
  const { choices } = reply.json() as { choices?: { message: { content: unknown } }[] }
  return choices?.[0]?.message.content ?? reply.text
}

/** Texts in a stream of OpenAI's API. */
export function pieces({ text }: TestReply): string[] {
  return Array.from(text.matchAll(/"content":"([^"]+)"/g), ([, piece = '']) => piece)
}

/** Code and message of a refusal. */
export function refusal(reply: TestReply): { status: number; message: string; code: unknown } {
  const { error } = reply.json() as { error: { message: string; code: unknown } }
  return { status: reply.status, message: error.message, code: error.code }
}

/** Holds replies back until so many requests have arrived. */
export function together(count: number): (reply: UpstreamReply) => UpstreamReply {
  const all = Promise.withResolvers<void>()
  let arrived = 0
  return (reply) => async (request, response) => {
    if (++arrived === count) all.resolve()
    await all.promise
    await reply(request, response)
  }
}
