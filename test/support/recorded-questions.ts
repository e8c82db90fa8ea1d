/** What recorded requests ask, as far as all dialects can. */
import type { Turn } from './oracle/question.ts'
import { traffic } from './traffic.ts'
import { WIRES } from './wires.ts'

/** Requests of which the oracle cannot make a question that every dialect understands. */
const SPECIAL: { readonly [name: string]: string } = {
  'anthropic/stream-websearch--claude-opus-4-8': 'has a tool that Anthropic runs',
  'openai/responses-stream-websearch--gpt-5-2': 'has a tool that OpenAI runs',
  'bedrock/converse-stream-citations--anthropic-claude-sonnet-5': 'has a document to cite',
}

/** By name of the recording. What the vendor itself refused as malformed has no meaning to carry over. */
export const recordedQuestions = traffic
  .filter(({ status, request, name }) => request && status !== 400 && !(name in SPECIAL))
  .map(({ name, dialect, request = {}, meta }) => {
    const question = WIRES[dialect].readQuestion(request, meta.url)
    return { name, question: { ...question, turns: withIds(question.turns) } }
  })

/** Google's calls may have no ids: results then follow in the order of the calls. */
function withIds(turns: readonly Turn[]): Turn[] {
  let calls = 0
  let results = 0
  return turns.map((turn) => {
    if (!('call' in turn) || turn.call !== '') return turn
    return { ...turn, call: `call_${turn.by === 'tool' ? results++ : calls++}` }
  })
}
