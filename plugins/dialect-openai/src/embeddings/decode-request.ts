/** A client's body → the canonical request. Strict: what has the wrong type is refused and named. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, Inspection, JsonObject, RequestPlace } from '@sluice/core'
import { defined, isObject, optionalNumber, optionalString } from '@sluice/dialect-kit'
import { DIALECT } from '../chat/extensions.ts'
import { fields, keep } from '../kept.ts'
import { modelIn } from '../model-field.ts'
import { endOf, purposeOf } from './words.ts'

type Input = EmbeddingsRequest['inputs'][number]

const FIELDS = fields('model input encoding_format dimensions user input_type truncate')

/** Looks at the top level only: every verbatim request passes here. */
export function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(body, bytes, place)
  const { input } = body
  if ((typeof input !== 'string' && !Array.isArray(input)) || input.length === 0)
    throw invalidRequest('"input" must be a text, a list of texts, or token ids, and not be empty.', 'input')
  return { model, stream: false }
}

/** Throws `invalid_request` with the path of the field. Keeps what it does not know. */
export function decodeRequest(body: JsonObject): EmbeddingsRequest {
  const spelling: JsonObject = {}
  const format = optionalString(body, 'encoding_format') || undefined
  return defined<EmbeddingsRequest>({
    operation: 'embeddings',
    model: optionalString(body, 'model') ?? '',
    stream: false,
    inputs: decodeInputs(body.input, spelling),
    dimensions: optionalNumber(body, 'dimensions'),
    formats: format === undefined ? undefined : [format],
    purpose: decodeWord(body, 'input_type', purposeOf, spelling),
    truncate: decodeWord(body, 'truncate', endOf, spelling),
    user: optionalString(body, 'user'),
    // Always there: it tells the encoder that the request came in this dialect.
    extensions: { [DIALECT]: keep(body, FIELDS, spelling) },
  })
}

/** One text, or the token ids of one, may stand for a list of one. */
function decodeInputs(input: unknown, spelling: JsonObject): Input[] {
  const isOne = typeof input === 'string' || isTokens(input)
  if (!isOne && !Array.isArray(input)) throw invalidRequest('"input" must be a string or an array.', 'input')
  if (isOne) spelling.input = 'one'
  return isOne ? [input] : input.map(decodeInput)
}

/** Objects are inputs of vendors whose models see more than text. */
function decodeInput(input: unknown, index: number): Input {
  if (typeof input === 'string' || isTokens(input)) return input
  if (isObject(input)) return [{ type: 'raw', dialect: DIALECT, value: input }]
  throw invalidRequest(`"input[${index}]" must be a text or a list of token ids.`, `input[${index}]`)
}

function isTokens(input: unknown): input is number[] {
  return Array.isArray(input) && input.length > 0 && input.every((token) => typeof token === 'number')
}

function decodeWord(
  body: JsonObject,
  field: string,
  canonical: (word: string) => string,
  spelling: JsonObject,
): string | undefined {
  const was = optionalString(body, field)
  if (!was) return undefined
  spelling[field] = { was }
  return canonical(was)
}
