/** Recorded traffic, read once more in the plainest way and compared with what the codec makes of it. */
import type { Choice, Part, StreamPart, Usage } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { decodeError } from '../src/chat/errors.ts'
import { decodeChunks, ofType } from './support.ts'

/** What a choice says, from either side. */
interface Said {
  text: string
  thought: string
  refusal: string
  calls: [id: string | undefined, name: string, args: unknown][]
  finish: string | undefined
}

/** What is looked at in the recordings. */
interface WireMessage {
  role?: string
  tool_call_id?: string
  content?: string | { type: string; text?: string; thinking?: { text: string }[] }[] | null
  reasoning_content?: string | null
  reasoning?: string | null
  refusal?: string | null
  tool_calls?: { index?: number; id?: string; function: { name: string; arguments?: string | null } }[] | null
}
interface WireUsage {
  prompt_tokens: number
  total_tokens: number
  prompt_tokens_details?: { cached_tokens?: number } | null
  completion_tokens_details?: { reasoning_tokens?: number } | null
}
interface WireChoice {
  index: number
  delta?: WireMessage
  message: WireMessage
  finish_reason?: string | null
}
interface WireChunk {
  id?: string
  model?: string
  created?: number
  choices: WireChoice[]
  usage?: WireUsage | null
  x_groq?: { usage?: WireUsage }
}

const nothing = (): Said => ({ text: '', thought: '', refusal: '', calls: [], finish: undefined })
const cases = recordedCases({ endpoints: ['chat.completions'] })

/** Adds a delta, or a whole message, to what was said. */
function hear(said: Said, message: WireMessage, reason: string | null | undefined): void {
  const { content } = message
  for (const item of Array.isArray(content) ? content : [{ type: 'text', text: content ?? '', thinking: [] }]) {
    if (item.type === 'text') said.text += item.text ?? ''
    if (item.type === 'thinking') said.thought += item.thinking?.map((piece) => piece.text).join('') ?? ''
  }
  said.thought += message.reasoning_content ?? message.reasoning ?? ''
  said.refusal += message.refusal ?? ''
  for (const [position, call] of (message.tool_calls ?? []).entries()) {
    const known = (said.calls[call.index ?? position] ??= [call.id, call.function.name, ''])
    known[2] = `${String(known[2])}${call.function.arguments ?? ''}`
  }
  said.finish ??= reason ?? undefined
}

const parsed = (said: Said): Said => ({
  ...said,
  calls: said.calls.map(([id, name, args]) => [id, name, JSON.parse(String(args) || '{}') ?? {}]),
})

function fromParts(parts: readonly StreamPart[]): Map<number, Said> {
  const choices = new Map<number, Said>()
  const byBlock = new Map<string, number>()
  for (const part of parts) {
    if (part.type === 'start' || part.type === 'usage' || part.type === 'error') continue
    const number = part.choice ?? 0
    const said = choices.get(number) ?? nothing()
    choices.set(number, said)
    if (part.type === 'text-delta') said.text += part.text
    if (part.type === 'reasoning-delta') said.thought += part.text
    if (part.type === 'refusal-delta') said.refusal += part.text
    if (part.type === 'tool-call-start')
      byBlock.set(`${number}/${part.block}`, said.calls.push([part.id, part.name, '']) - 1)
    if (part.type === 'tool-call-delta') said.calls[byBlock.get(`${number}/${part.block}`)!]![2] += part.arguments
    if (part.type === 'finish') said.finish = part.finish.raw
  }
  return new Map([...choices].map(([number, said]) => [number, parsed(said)]))
}

function fromChoice({ parts, finish }: Choice): Said {
  const said = nothing()
  for (const part of parts) {
    if (part.type === 'text') said.text += part.text
    if (part.type === 'reasoning') said.thought += part.text
    if (part.type === 'refusal') said.refusal += part.text
    if (part.type === 'tool-call') said.calls.push([part.id, part.name, part.arguments])
  }
  return parsed({ ...said, finish: finish.raw })
}

/** The vendor's total is the sum of both sides, whatever it counts where. */
function checkUsage(usage: Usage | undefined, raw: WireUsage | undefined): void {
  expect(usage?.raw).toEqual(raw)
  if (raw === undefined) return
  expect(usage!.input.total).toBe(raw.prompt_tokens)
  expect(usage!.input.total + usage!.output.total).toBe(raw.total_tokens)
  expect(usage!.output.reasoning).toBe(raw.completion_tokens_details?.reasoning_tokens ?? 0)
  expect(usage!.input.cacheRead).toBe(raw.prompt_tokens_details?.cached_tokens ?? 0)
}

describe.skipIf(cases.length === 0)('a recorded stream says what its frames say', () => {
  for (const { name, stream } of cases) {
    if (stream === undefined) continue
    test(name, () => {
      const datas = stream
        .toString()
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
      const chunks = datas.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as WireChunk)
      const expected = new Map<number, Said>()
      let raw: WireUsage | undefined
      for (const { choices, usage, x_groq: groq } of chunks) {
        raw = usage ?? groq?.usage ?? raw
        for (const { index, delta, finish_reason: reason } of choices) {
          const said = expected.get(index) ?? nothing()
          expected.set(index, said)
          hear(said, delta ?? {}, reason)
        }
      }
      const { parts, whole } = decodeChunks(...datas)
      expect(whole).toBe(true)
      expect(fromParts(parts)).toEqual(new Map([...expected].map(([number, said]) => [number, parsed(said)])))
      checkUsage(ofType(parts, 'usage')[0]?.usage, raw)
      const named = chunks.find(({ id }) => id)
      expect(parts[0]).toMatchObject({ type: 'start', id: named?.id, model: named?.model, created: named?.created })
    })
  }
})

describe.skipIf(cases.length === 0)('a recorded answer says what its body says', () => {
  for (const { name, response, status } of cases) {
    if (response === undefined || status >= 400) continue
    test(name, () => {
      const decoded = chat.decodeResponse(response)
      const wires = response.choices as WireChoice[]
      for (const [position, { message, finish_reason: reason }] of wires.entries()) {
        const expected = nothing()
        hear(expected, message, reason)
        expect(fromChoice(decoded.choices[position]!)).toEqual(parsed(expected))
      }
      checkUsage(decoded.usage, (response.usage ?? undefined) as WireUsage | undefined)
    })
  }
})

describe.skipIf(cases.length === 0)('a recorded refusal', () => {
  const codes: { [name: string]: [code: string, status: number] } = {
    'azure/error-400-content-filter--gpt-4o-mini': ['content_blocked', 400],
    'azure/error-401--grok-4-1-fast-non-reasoning': ['upstream_error', 502],
    'azure/error-404-deployment--gpt-5-nano': ['model_not_found', 404],
    'deepseek/error-400-context--deepseek-chat': ['invalid_request', 400],
    'groq/error-400-tool-use-failed--openai-gpt-oss-120b': ['invalid_request', 400],
    'groq/error-401--llama-3-3-70b-versatile': ['upstream_error', 502],
    'llamacpp/error-501--qwen3-embedding-0-6b-q8-0': ['upstream_error', 501],
    'mistral/error-400--definitely-not-a-model': ['model_not_found', 400],
    'openai/chat-error-400--gpt-5-nano': ['invalid_request', 400],
    'openrouter/error-429-headers--meta-llama-llama-3-2-3b-instruct-free': ['rate_limit_exceeded', 429],
    'xai/error-400-key--grok-4-3': ['upstream_error', 502],
  }
  for (const { name, response, status, headers } of recordedCases()) {
    const expected = codes[name]
    if (expected === undefined) continue
    test(`${name} is ${expected[0]}`, () => {
      expect(decodeError(status, headers, response)).toMatchObject({
        code: expected[0],
        status: expected[1],
        upstream: { status },
      })
    })
  }
})

test('a recorded conversation keeps its tool results by their calls', () => {
  for (const { request, status } of cases) {
    if (request === undefined || status >= 400) continue
    const results = (request.messages as WireMessage[]).filter(({ role }) => role === 'tool')
    const found = chat
      .decodeRequest(request)
      .messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'))
    expect(found.map(({ callId }) => callId)).toEqual(results.map(({ tool_call_id: id }) => id))
    const textIn = (part: Part): string => (part.type === 'text' ? part.text : part.type)
    expect(found.map(({ content }) => content.map(textIn).join(''))).toEqual(results.map(({ content }) => content))
  }
})
