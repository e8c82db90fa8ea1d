/** A gateway between Cohere's official client and upstreams of three kinds. */
import type { JsonObject } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { cohereDialect } from '@sluice/dialect-cohere'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { cohere } from '@sluice/provider-cohere'
import { openai } from '@sluice/provider-openai'
import { CohereClientV2, CohereError } from 'cohere-ai'

const NAMES = ['cohere', 'openai', 'anthropic'] as const
export type CohereUpstream = (typeof NAMES)[number]

/** A model of each upstream, as clients address it. `assistant` is the one of Cohere. */
export const COHERE_MODELS: { readonly [name in CohereUpstream]: string } = {
  cohere: 'cohere/command-a-03-2025',
  openai: 'openai/gpt-4.1',
  anthropic: 'anthropic/claude-sonnet-4-5',
}

export interface CohereStage {
  url: string
  client: CohereClientV2
  upstreams: { readonly [name in CohereUpstream]: MockUpstream }
  /** What reached an upstream last. */
  asked(upstream: CohereUpstream): JsonObject
  [Symbol.asyncDispose](): Promise<void>
}

export async function openCohereStage(): Promise<CohereStage> {
  const apiKey = 'sk-upstream-0123456789abcdef'
  const upstreams = { cohere: await mockUpstream(), openai: await mockUpstream(), anthropic: await mockUpstream() }
  const gateway = await createTestGateway({
    models: { assistant: COHERE_MODELS.cohere },
    plugins: [
      [cohereDialect(), openaiDialect(), anthropicDialect()],
      cohere({ apiKey, baseUrl: upstreams.cohere.url }),
      openai({ apiKey, baseUrl: `${upstreams.openai.url}/v1` }),
      anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
    ],
  })
  return {
    url: gateway.url,
    client: new CohereClientV2({ environment: gateway.url, token: 'sk-client' }),
    upstreams,
    asked: (upstream) => upstreams[upstream].requests.at(-1)!.json(),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(NAMES.map((name) => upstreams[name].close()))
    },
  }
}

/** What a client puts together from events. */
export interface Assembled {
  text: string
  thinking: string
  plan: string
  calls: { id: string | undefined; name: string | undefined; arguments: string }[]
  finish: string | undefined
  types: string[]
}

export async function assemble(events: Awaited<ReturnType<CohereClientV2['chatStream']>>): Promise<Assembled> {
  const answer: Assembled = { text: '', thinking: '', plan: '', calls: [], finish: undefined, types: [] }
  for await (const event of events) {
    answer.types.push(event.type)
    switch (event.type) {
      case 'content-delta':
        answer.text += event.delta?.message?.content?.text ?? ''
        answer.thinking += event.delta?.message?.content?.thinking ?? ''
        break
      case 'tool-plan-delta':
        answer.plan += event.delta?.message?.toolPlan ?? ''
        break
      case 'tool-call-start': {
        const call = event.delta?.message?.toolCalls
        answer.calls.push({ id: call?.id, name: call?.function?.name, arguments: '' })
        break
      }
      case 'tool-call-delta':
        answer.calls.at(-1)!.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
        break
      case 'message-end':
        answer.finish = event.delta?.finishReason
        break
      default:
    }
  }
  return answer
}

/** The SDK's error for a call that is refused. @throws what is none, or Error if the call succeeds */
export async function refusal(call: PromiseLike<unknown>): Promise<CohereError> {
  try {
    await call
  } catch (error) {
    if (error instanceof CohereError) return error
    throw error
  }
  throw new Error('the call was not refused')
}
