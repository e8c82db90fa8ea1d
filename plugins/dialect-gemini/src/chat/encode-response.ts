import type { ChatResponse, Choice, JsonObject, Part, ReplyContext } from '@sluice/core'
import { defined, isObject, markedCall, markedThought, objectOf } from '@sluice/dialect-kit'
import { kept, NAME, restore, spellingOf } from '../extensions.ts'
import { withCarriedProofs } from './carried.ts'
import { encodeFinish } from './finish.ts'
import { Grounding } from './grounding.ts'
import { encodeMedia } from './media.ts'
import { argsOf, encodeCall, encodeText, encodeThought } from './parts.ts'
import { encodeUsage } from './usage.ts'

/** A whole answer. */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const { choices, usage, model, id } = response
  const own = kept(response) !== undefined
  const candidates = choices.filter(isCandidate).map(encodeChoice)
  return {
    ...restore(response),
    ...defined<JsonObject>({
      candidates: candidates.length > 0 ? candidates : spellingOf(response).candidates,
      usageMetadata: usage && encodeUsage(usage, own),
      modelVersion: model ?? (own ? undefined : context.model),
      responseId: id ?? (own ? undefined : context.id),
    }),
  }
}

/** What stands for a refused prompt is none. */
export function isCandidate(choice: Pick<Choice, 'extensions'>): boolean {
  return spellingOf(choice).isCandidate !== false
}

function encodeChoice(choice: Choice): JsonObject {
  const { index, parts, finish, logprobs } = choice
  const own = kept(choice) !== undefined
  const spelling = spellingOf(choice)
  const candidate: JsonObject = {
    ...restore(choice),
    ...(spelling.content !== 'absent' && { content: encodeContent(parts, spelling) }),
    ...(!(own && finish.raw === undefined) && { finishReason: encodeFinish(finish, own) }),
    ...(spelling.index !== 'absent' && { index }),
    ...(isLogprobs(logprobs) && { logprobsResult: logprobs }),
  }
  const grounding = own ? undefined : groundingOf(parts)
  return grounding === undefined ? candidate : { ...candidate, groundingMetadata: grounding }
}

function encodeContent(parts: readonly Part[], spelling: JsonObject): JsonObject {
  const role = 'role' in spelling ? spelling.role : 'model'
  return {
    ...(isObject(spelling.content) && restore({ extensions: { [NAME]: spelling.content } })),
    ...(role !== undefined && { role }),
    ...((parts.length > 0 || spelling.parts !== 'absent') && {
      parts: withCarriedProofs(parts).flatMap((part) => encodePart(part) ?? []),
    }),
  }
}

/** Undefined for what only another dialect has. */
function encodePart(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return encodeThought(markedThought(part, NAME))
    case 'tool-call':
      return encodeCall(markedCall(part, NAME), argsOrText(part.arguments))
    case 'raw':
      return part.dialect === NAME ? part.value : undefined
    case 'audio':
      return audioPart(part)
    case 'image':
    case 'video':
    case 'file':
      return encodeMedia(part)
    case 'tool-result':
      return undefined
  }
}

/** Speech of other vendors comes with the words that are spoken. */
function audioPart(part: Part & { type: 'audio' }): JsonObject | undefined {
  return part.transcript === undefined ? encodeMedia(part) : { text: part.transcript }
}

/** Answers cannot be refused: arguments that are no JSON object go as the text they are. */
export function argsOrText(text: string): JsonObject {
  return argsOf(text) ?? { INVALID_JSON: text }
}

/** The form is each vendor's own. */
export function isLogprobs(logprobs: unknown): logprobs is JsonObject {
  const result = objectOf(logprobs)
  return (
    result !== undefined && ('chosenCandidates' in result || 'topCandidates' in result || 'logProbabilitySum' in result)
  )
}

function groundingOf(parts: readonly Part[]): JsonObject | undefined {
  const grounding = new Grounding()
  for (const [index, part] of parts.entries()) {
    if (part.type !== 'text') continue
    for (const citation of part.citations ?? []) grounding.add(citation, part.text, 0, index)
  }
  return grounding.metadata()
}
