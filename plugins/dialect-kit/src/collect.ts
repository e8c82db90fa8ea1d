/** Converts between the two forms of an answer: a whole response and the parts of a stream. */
import { GatewayError } from '@sluice/core'
import type {
  ChatResponse,
  Choice,
  Finish,
  Part,
  ReasoningPart,
  StreamPart,
  TextPart,
  ToolCallPart,
  Usage,
} from '@sluice/core'

interface Draft {
  /** By block number, in order of appearance. */
  blocks: Map<number, Part>
  finish: Finish | undefined
  logprobs: unknown[]
}

/** What belongs to one of the choices. */
type ChoicePart = Exclude<StreamPart, { type: 'start' | 'usage' | 'error' }>

/** Puts a stream's parts together. Stops collecting above `limit` characters, of which each part counts as one at least. */
export class Collector {
  readonly #limit: number
  readonly #choices = new Map<number, Draft>()
  readonly #response: ChatResponse = { operation: 'chat', choices: [], extensions: {} }
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(part: StreamPart): void {
    if (this.#size > this.#limit) return
    switch (part.type) {
      case 'start':
        if (part.id !== undefined) this.#response.id = part.id
        if (part.model !== undefined) this.#response.model = part.model
        if (part.created !== undefined) this.#response.created = part.created
        Object.assign(this.#response.extensions, part.extensions)
        return
      case 'usage':
        this.#response.usage = part.usage
        return
      case 'error':
        return
      default:
        this.#size += Math.max(1, charactersOf(part))
        this.#pushTo(this.#draft(part.choice ?? 0), part)
    }
  }

  /** What has been collected so far; undefined if it was too much. */
  response(): ChatResponse | undefined {
    if (this.#size > this.#limit) return undefined
    const choices = [...this.#choices].map(([index, { blocks, finish, logprobs }]): Choice => ({
      index,
      parts: [...blocks.values()].map(settled),
      finish: finish ?? { unified: 'other' },
      ...(logprobs.length > 0 ? { logprobs: logprobs.length === 1 ? logprobs[0] : logprobs } : {}),
    }))
    return { ...this.#response, choices: choices.sort((a, b) => a.index - b.index) }
  }

  #draft(choice: number): Draft {
    let draft = this.#choices.get(choice)
    if (!draft) this.#choices.set(choice, (draft = { blocks: new Map(), finish: undefined, logprobs: [] }))
    return draft
  }

  #pushTo(draft: Draft, part: ChoicePart): void {
    const { blocks } = draft
    switch (part.type) {
      case 'text-delta':
        block(blocks, part.block, 'text', () => ({ type: 'text', text: '' })).text += part.text
        if (part.logprobs !== undefined) draft.logprobs.push(part.logprobs)
        return
      case 'reasoning-delta': {
        const reasoning = block(blocks, part.block, 'reasoning', newReasoning)
        reasoning.text += part.text
        if (part.summary) reasoning.summary = true
        return
      }
      case 'reasoning-signature':
        prove(block(blocks, part.block, 'reasoning', newReasoning), part).signature = part.signature
        return
      case 'reasoning-redacted':
        prove(block(blocks, part.block, 'reasoning', newReasoning), part).redacted = part.data
        return
      case 'refusal-delta':
        block(blocks, part.block, 'refusal', () => ({ type: 'refusal', text: '' })).text += part.text
        return
      case 'tool-call-start': {
        const { type: _, block: number, choice: __, ...call } = part
        blocks.set(number, { type: 'tool-call', ...call, arguments: '' })
        return
      }
      case 'tool-call-delta':
        block(blocks, part.block, 'tool-call', () => ({
          type: 'tool-call',
          id: '',
          name: '',
          arguments: '',
        })).arguments += part.arguments
        return
      case 'citation': {
        const text = block(blocks, part.block, 'text', (): TextPart => ({ type: 'text', text: '' }))
        text.citations ??= []
        text.citations.push(part.citation)
        return
      }
      case 'audio-delta': {
        const audio = block(blocks, part.block, 'audio', () => ({
          type: 'audio',
          source: { kind: 'base64', data: '', mediaType: '' },
        }))
        if (part.data !== undefined && audio.source.kind === 'base64') audio.source.data += part.data
        if (part.transcript !== undefined) audio.transcript = (audio.transcript ?? '') + part.transcript
        return
      }
      case 'raw':
        blocks.set(-1 - blocks.size, { type: 'raw', dialect: part.dialect, value: part.value })
        return
      case 'finish':
        draft.finish = part.finish
    }
  }
}

/** How much of the limit `part` takes. */
function charactersOf(part: ChoicePart): number {
  switch (part.type) {
    case 'text-delta':
      return part.text.length + (part.logprobs === undefined ? 0 : JSON.stringify(part.logprobs).length)
    case 'reasoning-delta':
    case 'refusal-delta':
      return part.text.length
    case 'reasoning-signature':
      return part.signature.length
    case 'reasoning-redacted':
      return part.data.length
    case 'tool-call-start':
      return part.id.length + part.name.length
    case 'tool-call-delta':
      return part.arguments.length
    case 'audio-delta':
      return (part.data?.length ?? 0) + (part.transcript?.length ?? 0)
    case 'citation':
      return JSON.stringify(part.citation).length
    case 'raw':
      return JSON.stringify(part.value).length
    case 'finish':
      return 0
  }
}

const newReasoning = (): ReasoningPart => ({ type: 'reasoning', text: '' })

function prove(part: ReasoningPart, { origin }: Pick<ReasoningPart, 'origin'>): ReasoningPart {
  if (origin !== undefined) part.origin = origin
  return part
}

/** The part of `type` that stands at `number`, made if it is not there. */
function block<T extends Part['type']>(
  blocks: Map<number, Part>,
  number: number,
  type: T,
  make: () => Extract<Part, { type: T }>,
): Extract<Part, { type: T }> {
  const found = blocks.get(number)
  if (found?.type === type) return found as Extract<Part, { type: T }>
  const made = make()
  blocks.set(number, made)
  return made
}

/** Tool calls without arguments say so in JSON. */
function settled(part: Part): Part {
  return part.type === 'tool-call' && part.arguments === '' ? { ...part, arguments: '{}' } : part
}

/** The parts that would have streamed `response`. */
export function* partsOf(response: ChatResponse): Generator<StreamPart> {
  const { id, model, created, usage, extensions } = response
  yield {
    type: 'start',
    extensions,
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    ...(created === undefined ? {} : { created }),
  }
  for (const { index, parts, finish, logprobs } of response.choices) {
    const choice = index === 0 ? {} : { choice: index }
    // Streams have them with the text that they are of.
    const first = logprobs === undefined ? -1 : parts.findIndex(({ type }) => type === 'text')
    for (const [number, part] of parts.entries()) {
      for (const streamed of partsOfBlock(part, number, choice))
        yield number === first && streamed.type === 'text-delta' ? { ...streamed, logprobs } : streamed
    }
    yield { type: 'finish', finish, ...choice }
  }
  if (usage) yield { type: 'usage', usage }
}

function* partsOfBlock(part: Part, block: number, choice: { choice?: number }): Generator<StreamPart> {
  switch (part.type) {
    case 'text':
      yield { type: 'text-delta', block, text: part.text, ...choice }
      for (const citation of part.citations ?? []) yield { type: 'citation', block, citation, ...choice }
      return
    case 'reasoning':
      return yield* partsOfThought(part, { block, ...choice })
    case 'refusal':
      return yield { type: 'refusal-delta', block, text: part.text, ...choice }
    case 'tool-call':
      yield toolCallStart(part, block, choice)
      return yield { type: 'tool-call-delta', block, arguments: part.arguments, ...choice }
    case 'audio':
      return yield {
        type: 'audio-delta',
        block,
        ...(part.source.kind === 'base64' ? { data: part.source.data } : {}),
        ...(part.transcript === undefined ? {} : { transcript: part.transcript }),
        ...choice,
      }
    case 'raw':
      return yield { type: 'raw', dialect: part.dialect, value: part.value, ...choice }
    default:
      // Images, files and tool results are not something a chat model streams today.
      throw new GatewayError(
        'upstream_error',
        `The answer holds a part of type "${part.type}", which cannot be streamed.`,
      )
  }
}

function* partsOfThought(part: ReasoningPart, at: { block: number; choice?: number }): Generator<StreamPart> {
  const { text, signature, redacted, origin, summary } = part
  const from = origin === undefined ? at : { ...at, origin }
  if (text !== '' || redacted === undefined)
    yield { type: 'reasoning-delta', text, ...(summary ? { summary: true } : {}), ...at }
  if (signature !== undefined) yield { type: 'reasoning-signature', signature, ...from }
  if (redacted !== undefined) yield { type: 'reasoning-redacted', data: redacted, ...from }
}

function toolCallStart(part: ToolCallPart, block: number, choice: { choice?: number }): StreamPart {
  const { arguments: _, type: __, cache: ___, ...call } = part
  return { type: 'tool-call-start', block, ...call, ...choice }
}

/**
 * A rough count for answers whose provider reported none: four characters a token, which errs by a few
 * percent in English and more elsewhere. Marked as estimated.
 */
export function estimateUsage(inputCharacters: number, outputCharacters: number): Usage {
  return {
    input: { total: Math.ceil(inputCharacters / 4), cacheRead: 0, cacheWrite: 0 },
    output: { total: Math.ceil(outputCharacters / 4), reasoning: 0 },
    estimated: true,
  }
}
