/** A scripted answer of Cohere's chat. */
import { json, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import type { Json } from '../oracle/json.ts'
import { pieces } from '../say.ts'
import type { Line } from '../say.ts'

const COUNTS = { input_tokens: 10, output_tokens: 20 }
const USAGE = { billed_units: COUNTS, tokens: COUNTS, cached_tokens: 0 }

/** Signatures and encrypted thoughts are unknown to it. What is said before calls is a plan. */
export function sayCohere(line: Line, isStream: boolean): UpstreamReply {
  if (isStream) return sse(cohereStream(line), { chunk: 'frame' })
  const { content, plan, tools, end } = partsOf(line)
  return json({
    id: 'cohere-1',
    message: {
      role: 'assistant',
      ...(content.length > 0 && { content }),
      ...(plan !== undefined && { tool_plan: plan }),
      ...(tools.length > 0 && { tool_calls: tools }),
    },
    ...end,
  })
}

function partsOf({ thought, text, calls = [], end }: Line): {
  content: Json[]
  plan?: string
  tools: ToolCall[]
  end: Json
} {
  const hasCalls = calls.length > 0
  const content = [
    ...(thought === undefined ? [] : [{ type: 'thinking', thinking: thought }]),
    ...(text === undefined || hasCalls ? [] : [{ type: 'text', text }]),
  ]
  const tools = calls.map(({ id, name, arguments: values }) => {
    return { id, type: 'function', function: { name, arguments: JSON.stringify(values) } }
  })
  const reason = hasCalls ? 'TOOL_CALL' : 'COMPLETE'
  return {
    content,
    ...(hasCalls && text !== undefined && { plan: text }),
    tools,
    end: { finish_reason: reason, usage: USAGE, ...end },
  }
}

interface ToolCall {
  id: string
  type: string
  function: { name: string; arguments: string }
}

/** The same as bytes of a stream. */
export function cohereStream(line: Line): string {
  const { content, plan, tools, end } = partsOf(line)
  const event = (type: string, fields: Json): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  const say = (type: string, index: number, message: Json): string => event(type, { index, delta: { message } })
  const empty = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  return [
    event('message-start', { id: 'cohere-1', delta: { message: empty } }),
    ...content.flatMap((block, index) => {
      const field = block.type === 'text' ? 'text' : 'thinking'
      return [
        say('content-start', index, { content: { type: block.type, [field]: '' } }),
        ...pieces(block[field]).map((piece) => say('content-delta', index, { content: { [field]: piece } })),
        event('content-end', { index }),
      ]
    }),
    ...pieces(plan).map((piece) => event('tool-plan-delta', { delta: { message: { tool_plan: piece } } })),
    ...tools.flatMap(({ function: { name, arguments: written }, ...call }, index) => [
      say('tool-call-start', index, { tool_calls: { ...call, function: { name, arguments: '' } } }),
      ...pieces(written === '{}' ? '' : written).map((piece) =>
        say('tool-call-delta', index, { tool_calls: { function: { arguments: piece } } }),
      ),
      event('tool-call-end', { index }),
    ]),
    event('message-end', { delta: end }),
    'data: [DONE]\n\n',
  ].join('')
}
