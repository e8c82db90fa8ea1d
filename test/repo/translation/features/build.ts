/** Short words for canonical samples. */
import type { ChatRequest, FunctionTool, Message, Part, TextPart, ToolCallPart, ToolResultPart } from '@sluice/core'
import type { RequestFeature } from '../request-features.ts'
import type { Pair } from '../sending.ts'
import type { Marks } from '../marks.ts'

export const text = (words: string): TextPart => ({ type: 'text', text: words })
export const says = (role: Message['role'], ...parts: Part[]): Message => ({ role, parts })
export const hello = says('user', text('Hello'))

export const weather: FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

export const call: ToolCallPart = { type: 'tool-call', id: 'call_1', name: 'get_weather', arguments: '{"city":"Rome"}' }
export const result = (...content: Part[]): ToolResultPart => ({
  type: 'tool-result',
  callId: 'call_1',
  name: 'get_weather',
  content,
})

/** A request that says as little as it can, and `more`. */
export function ask(more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    operation: 'chat',
    model: 'model',
    stream: false,
    maxTokens: 1000,
    messages: [hello],
    extensions: {},
    ...more,
  }
}

type Said = Partial<ChatRequest> | ((pair: Pair) => Partial<ChatRequest>)

function asking(said: Said): RequestFeature['request'] {
  return (pair) => ask(typeof said === 'function' ? said(pair) : said)
}

/**
 * A feature of a request.
 * @param said what the request says beside a greeting
 * @param base what it says without the feature
 */
export function feature(name: string, said: Said, marks: Marks = [], base: Said = {}): RequestFeature {
  return { name, request: asking(said), without: asking(base), marks }
}

/** One that loses nothing where nothing is said. */
export function dispensable(made: RequestFeature): RequestFeature {
  return { ...made, isDispensable: true }
}
