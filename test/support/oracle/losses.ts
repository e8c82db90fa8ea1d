/** Which parameters of a request the other API has no words for, and must therefore be reported as dropped. */
import type { Api } from '../api.ts'
import { object, objects } from './json.ts'
import type { Json } from './json.ts'

/** Fields that have a counterpart, or that say how the answer is to be carried. */
const TRANSLATED: { readonly [api in Api]: readonly string[] } = {
  openai:
    'model messages tools tool_choice parallel_tool_calls response_format max_tokens max_completion_tokens stop temperature top_p stream stream_options user reasoning_effort'.split(
      ' ',
    ),
  anthropic:
    'model messages system tools tool_choice max_tokens stop_sequences temperature top_p stream thinking output_config output_format'.split(
      ' ',
    ),
}
/** Values that say what holds anyway. */
const NEUTRAL: Json = { n: 1, presence_penalty: 0, frequency_penalty: 0 }

/** Names as the reply's header gives them, sorted. */
export function lossesOf(api: Api, body: Json): string[] {
  const lost = Object.keys(body).filter((field) => !TRANSLATED[api].includes(field) && NEUTRAL[field] !== body[field])
  if (api === 'openai') {
    // Claude takes a temperature or top_p.
    if ('top_p' in body && 'temperature' in body) lost.push('top_p')
    if (object(object(body.response_format)?.json_schema)?.description) lost.push('response_format.description')
  } else {
    if (JSON.stringify(body).includes('"cache_control"')) lost.push('cache_control')
    const blocks = objects(body.messages).flatMap(({ content }) => objects(content))
    if (blocks.some((block) => 'citations' in block)) lost.push('messages.citations')
  }
  return lost.sort()
}
