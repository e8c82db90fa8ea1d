/** The canonical request → a body for an upstream. What this API has no word for is reported. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, JsonObject, Part, RequestContext } from '@sluice/core'
import { Drops, objectOf } from '@sluice/dialect-kit'
import { DIALECT, keptIn } from '../chat/extensions.ts'
import { restore, spellingOf } from '../kept.ts'
import { endOf, purposeOf } from './words.ts'

type Input = EmbeddingsRequest['inputs'][number]

/**
 * `input_type` and `truncate` are written although OpenAI does not have them: many vendors of its API do, and
 * providers of those that do not leave them out and report it. Throws `invalid_request` for inputs that are no text.
 */
export function encodeRequest(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  const drops = new Drops(context, DIALECT)
  drops.addForeign(request.extensions)
  const own = DIALECT in request.extensions
  const kept = keptIn(request)
  const spelling = spellingOf(kept)
  const inputs = request.inputs.map(encodeInput)
  const body: JsonObject = {
    ...restore(kept),
    model: context.model,
    input: spelling.input === 'one' && inputs.length === 1 ? inputs[0] : inputs,
  }
  const { dimensions, user, purpose, truncate } = request
  set(body, 'encoding_format', own ? request.formats?.[0] : encodeFormat(request, drops))
  set(body, 'dimensions', dimensions)
  set(body, 'user', user)
  set(body, 'input_type', encodeWord(purpose, purposeOf, spelling.input_type))
  set(body, 'truncate', encodeWord(truncate, endOf, spelling.truncate))
  return body
}

function set(body: JsonObject, field: string, value: unknown): void {
  if (value !== undefined) body[field] = value
}

/** Floats are what comes unasked. */
function encodeFormat({ formats = [] }: EmbeddingsRequest, drops: Drops): string | undefined {
  if (formats.some((format) => format !== 'float' && format !== 'base64'))
    drops.add('embedding_types', 'this API writes floats only')
  return formats.includes('base64') && !formats.includes('float') ? 'base64' : undefined
}

/** Unchanged, it goes out as the client wrote it. */
function encodeWord(word: string | undefined, canonical: (word: string) => string, spelling: unknown): unknown {
  const was = objectOf(spelling)?.was
  return typeof was === 'string' && canonical(was) === word ? was : word
}

function encodeInput(input: Input, index: number): unknown {
  if (typeof input === 'string') return input
  const [first] = input
  if (first === undefined || typeof first === 'number') return input
  if (first.type === 'raw' && first.dialect === DIALECT) return first.value
  return (input as Part[])
    .map((part) => {
      if (part.type === 'text') return part.text
      throw invalidRequest(`"input[${index}]" has a part of the type "${part.type}"; the target takes text.`, 'input')
    })
    .join('\n')
}
