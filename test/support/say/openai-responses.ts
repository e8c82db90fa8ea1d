/** A scripted answer of the Responses API. */
import { json, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import type { Json } from '../oracle/json.ts'
import { pieces } from '../say.ts'
import type { Line } from '../say.ts'

export function sayResponses(line: Line, isStream: boolean): UpstreamReply {
  return isStream ? sse(responsesStream(line), { chunk: 'frame' }) : json(responseOf(line))
}

/** The same as bytes of a stream. */
export function responsesStream(line: Line): string {
  return eventsOf(responseOf(line))
}

function responseOf(line: Line): Json & { output: Json[] } {
  return { ...SHELL, status: 'completed', output: outputOf(line), usage: USAGE, ...line.end }
}

const SHELL = {
  id: 'resp_1',
  object: 'response',
  created_at: 1700000000,
  model: 'scripted',
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  temperature: 1,
  top_p: 1,
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
}
const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 30,
}

function outputOf({ thought, encrypted, text, calls = [] }: Line): Json[] {
  const summary = thought === undefined ? [] : [{ type: 'summary_text', text: thought }]
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
  const status = 'completed'
  return [
    ...(thought === undefined && encrypted === undefined
      ? []
      : [{ id: 'rs_1', type: 'reasoning', summary, ...(encrypted !== undefined && { encrypted_content: encrypted }) }]),
    ...(text === undefined ? [] : [{ id: 'msg_1', type: 'message', status, role: 'assistant', content }]),
    ...calls.map(({ id, name, arguments: values }, index) => {
      const written = JSON.stringify(values)
      return { id: `fc_${index}`, type: 'function_call', status, call_id: id, name, arguments: written }
    }),
  ]
}

type Event = { type: string } & Json

function eventsOf(response: Json & { output: Json[] }): string {
  const started = { ...response, status: 'in_progress', output: [], usage: null }
  const end = `response.${String(response.status)}`
  const events: Event[] = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...response.output.flatMap((item, index) => eventsOfItem(item, index)),
    { type: end, response },
  ]
  return events
    .map(
      (event, sequence) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`,
    )
    .join('')
}

function eventsOfItem(item: Json, output_index: number): Event[] {
  const place = { item_id: item.id, output_index }
  const [empty, growth] = growthOf(item, place)
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, ...empty } },
    ...growth,
    { type: 'response.output_item.done', output_index, item },
  ]
}

/** What an item lacks when it is added, and how it comes. */
function growthOf(item: Json, place: Json): [empty: Json, events: Event[]] {
  if (item.type === 'function_call') {
    const event = 'response.function_call_arguments'
    const deltas = pieces(item.arguments).map((delta) => ({ type: `${event}.delta`, ...place, delta }))
    return [
      { arguments: '', status: 'in_progress' },
      [...deltas, { type: `${event}.done`, ...place, arguments: item.arguments }],
    ]
  }
  const [list, index, text, part] =
    item.type === 'reasoning'
      ? (['summary', 'summary_index', 'reasoning_summary_text', 'reasoning_summary_part'] as const)
      : (['content', 'content_index', 'output_text', 'content_part'] as const)
  const events = (item[list] as Json[]).flatMap((whole, at): Event[] => {
    const here = { ...place, [index]: at }
    return [
      { type: `response.${part}.added`, ...here, part: { ...whole, text: '' } },
      ...pieces(whole.text).map((delta) => ({ type: `response.${text}.delta`, ...here, delta })),
      { type: `response.${text}.done`, ...here, text: whole.text },
      { type: `response.${part}.done`, ...here, part: whole },
    ]
  })
  return [{ [list]: [], ...(item.type === 'message' && { status: 'in_progress' }) }, events]
}
