/** What a client of one API must hear of an answer that came over the other. */
import type { Api } from '../api.ts'
import type { Answer, Choice } from './answer.ts'

/** `answer` in the client's words; untouched if it came over the client's own API. */
export function expectedBy(client: Api, upstream: Api, answer: Answer): Answer {
  if (client === upstream) return answer
  return client === 'openai' ? forOpenAI(answer) : forAnthropic(answer)
}

const FINISH_FOR_OPENAI: { readonly [reason: string]: string } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

function forOpenAI(answer: Answer): Answer {
  const choices = answer.choices.map((choice) => ({ ...choice, finish: FINISH_FOR_OPENAI[choice.finish] ?? '' }))
  return { ...answer, choices }
}

/** Anthropic's messages have one choice, no sound, and say a refusal in words like any other. */
function forAnthropic({ id, model, choices, tokens }: Answer): Answer {
  const [first] = choices
  if (first === undefined) throw new Error('the recording has no choice')
  const text = first.text + first.refusal + first.spoken
  const choice = { ...first, text, refusal: '', spoken: '', finish: finishForAnthropic(first) }
  return { id, model, choices: [choice], tokens: tokens ?? NO_TOKENS }
}

/** A plain stop may end a call of a tool that the client named, or a refusal. */
function finishForAnthropic({ finish, calls, refusal }: Choice): string {
  if (finish === 'length') return 'max_tokens'
  if (calls.length > 0) return 'tool_use'
  return refusal !== '' || finish === 'content_filter' ? 'refusal' : 'end_turn'
}

/** This API always counts. */
const NO_TOKENS = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 }
