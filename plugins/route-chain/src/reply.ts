/** The answer of a chain, in the form its client wants. */
import type { Answer, ChatRequest, StreamPart, Usage } from '@sluice/core'
import type { OpenStream } from './caller.ts'
import { endedByItself, nothingSaid } from './reading.ts'

const FINISH = { unified: 'stop' } as const
/** Parts without a word that are waited for before a stream is passed on as it is. */
const MOST_HELD = 100

/** An answer that is known whole. */
export function written({ model, stream }: ChatRequest, text: string, usage: Usage): Answer {
  if (stream) return spoken(model, text, usage)
  const choices = [{ index: 0, parts: [{ type: 'text' as const, text }], finish: FINISH }]
  return { operation: 'chat', model, choices, usage, extensions: {} }
}

async function* spoken(model: string, text: string, usage: Usage): AsyncGenerator<StreamPart> {
  yield { type: 'start', model }
  yield { type: 'text-delta', block: 0, text }
  yield { type: 'finish', finish: FINISH }
  yield { type: 'usage', usage }
}

/**
 * Reads a stream up to the first part that says something: until then another model may still take over.
 * @throws GatewayError `upstream_error` if nothing is said in it
 */
export async function begun(open: OpenStream): Promise<StreamPart[]> {
  const held: StreamPart[] = []
  try {
    while (held.length < MOST_HELD) {
      const next = await open.parts.next()
      if (next.done) throw nothingSaid()
      held.push(next.value)
      if (says(next.value)) break
    }
    return held
  } catch (thrown) {
    open.end()
    throw open.reason(thrown)
  }
}

function says(part: StreamPart): boolean {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return part.text.trim() !== ''
    case 'tool-call-start':
    case 'audio-delta':
      return true
    case 'finish':
      return !endedByItself(part.finish)
    default:
      return false
  }
}

/**
 * The rest of a stream that has begun, as one of `model`.
 * @param total asked for at the end: what all steps used @param over runs when nobody reads on
 */
export async function* passedOn(
  model: string,
  held: readonly StreamPart[],
  open: OpenStream,
  total: () => Promise<Usage>,
  over: () => void,
): AsyncGenerator<StreamPart> {
  try {
    for (const part of held) if (part.type !== 'usage') yield part.type === 'start' ? { ...part, model } : part
    for (;;) {
      const next = await open.parts.next().catch((thrown: unknown) => {
        throw open.reason(thrown)
      })
      if (next.done) break
      if (next.value.type !== 'usage') yield next.value
    }
    yield { type: 'usage', usage: await total() }
  } finally {
    open.end()
    void open.parts.return?.()
    over()
  }
}
