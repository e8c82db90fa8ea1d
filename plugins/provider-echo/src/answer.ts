/** A turn as the kernel wants it: a whole response, or parts as the words come. */
import { setTimeout as sleep } from 'node:timers/promises'
import { invalidRequest } from '@sluice/core'
import type { Answer, ChatRequest, ChatResponse, Part, StreamPart, Usage } from '@sluice/core'
import { takeTurn } from './turn.ts'
import type { Turn, Utterance } from './turn.ts'
import { inputTokens } from './words.ts'

/** Largest number of answers to one request. */
const MAX_CHOICES = 16

/**
 * @param delay milliseconds that a word takes
 * @throws GatewayError `invalid_request` if no model could do what is asked; what `signal` ends fails with its reason
 */
export function answer(request: ChatRequest, delay: number, signal: AbortSignal): Answer | Promise<Answer> {
  const { n = 1, stream } = request
  if (!Number.isInteger(n) || n < 1 || n > MAX_CHOICES) {
    throw invalidRequest(`"n" must be a whole number from 1 to ${MAX_CHOICES}.`, 'n')
  }
  const turn = takeTurn(request)
  const pause = async (words: number): Promise<void> => {
    signal.throwIfAborted()
    if (delay > 0) await sleep(delay * words, undefined, { signal })
  }
  return stream ? spoken(request, turn, n, pause) : written(request, turn, n, pause)
}

/** Waits as long as so many words take. */
type Pause = (words: number) => Promise<void>

async function written(request: ChatRequest, turn: Turn, n: number, pause: Pause): Promise<ChatResponse> {
  const usage = usageOf(request, turn, n)
  await pause(usage.output.total)
  const choices = Array.from({ length: n }, (_, index) => {
    return { index, parts: turn.utterances.map(partOf), finish: turn.finish }
  })
  return { operation: 'chat', model: request.model, choices, usage, extensions: {} }
}

async function* spoken(request: ChatRequest, turn: Turn, n: number, pause: Pause): AsyncGenerator<StreamPart> {
  yield { type: 'start', model: request.model }
  for (let choice = 0; choice < n; choice++) {
    for (const [block, utterance] of turn.utterances.entries()) {
      const { type } = utterance
      if (type === 'tool-call') yield { type: 'tool-call-start', block, choice, id: utterance.id, name: utterance.name }
      for (const word of utterance.words) {
        await pause(1)
        if (type === 'tool-call') yield { type: 'tool-call-delta', block, choice, arguments: word }
        else yield { type: `${type}-delta`, block, choice, text: word }
      }
    }
    yield { type: 'finish', choice, finish: turn.finish }
  }
  yield { type: 'usage', usage: usageOf(request, turn, n) }
}

function partOf(utterance: Utterance): Part {
  const text = utterance.words.join('')
  if (utterance.type !== 'tool-call') return { type: utterance.type, text }
  return { type: 'tool-call', id: utterance.id, name: utterance.name, arguments: text }
}

function usageOf({ messages }: ChatRequest, { utterances }: Turn, n: number): Usage {
  const count = (list: readonly Utterance[]): number => n * list.reduce((sum, { words }) => sum + words.length, 0)
  const reasoning = count(utterances.filter(({ type }) => type === 'reasoning'))
  return {
    input: { total: inputTokens(messages), cacheRead: 0, cacheWrite: 0 },
    output: { total: count(utterances), reasoning },
  }
}
