/** A client's body → the canonical request. Strict: what has the wrong type is refused and named. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, Inspection, JsonObject, Part, RequestPlace } from '@sluice/core'
import { defined, optionalBoolean, optionalNumber, optionalString } from '@sluice/dialect-kit'
import { fields, keep } from '../kept.ts'
import { modelIn } from '../model-field.ts'
import { fieldsOf, readSettings, readStop } from '../settings.ts'
import { readStream } from '../streaming.ts'
import { DIALECT } from './extensions.ts'
import { SETTINGS, USUAL } from './settings.ts'

const FIELDS = fields(...fieldsOf(SETTINGS), 'model prompt stream stream_options stop')

/** Looks at the top level only: every verbatim request passes here. */
export function inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection {
  const model = modelIn(body, bytes, place)
  if (!isPrompt(body.prompt)) throw invalidRequest('"prompt" must be a text, a list of texts, or token ids.', 'prompt')
  return { model, stream: optionalBoolean(body, 'stream') ?? false }
}

function isPrompt(prompt: unknown): boolean {
  return typeof prompt === 'string' || Array.isArray(prompt)
}

/** The prompt is what a user says. Throws `invalid_request` with the path of the field. Keeps what it does not know. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const spelling: JsonObject = { silent: {} }
  if (!isPrompt(body.prompt)) throw invalidRequest('"prompt" must be a string or an array.', 'prompt')
  checkOwn(body)
  const request = defined<ChatRequest>({
    operation: 'chat',
    model: optionalString(body, 'model') ?? '',
    ...readStream(body, spelling),
    messages: [{ role: 'user', parts: [decodePrompt(body.prompt, spelling)] }],
    stop: readStop(body, spelling),
    extensions: {},
  })
  readSettings(body, SETTINGS, request)
  const kept = keep(body, FIELDS, spelling)
  for (const field in USUAL) {
    if (!(field in kept) || kept[field] !== USUAL[field]) continue
    ;(spelling.silent as JsonObject)[field] = kept[field]
    delete kept[field]
  }
  // Always there: it tells the encoder that the request came in this dialect.
  request.extensions[DIALECT] = kept
  return request
}

function checkOwn(body: JsonObject): void {
  optionalString(body, 'suffix')
  optionalBoolean(body, 'echo')
  optionalNumber(body, 'best_of')
  optionalNumber(body, 'logprobs')
}

/** Several prompts and token ids are known to this dialect only. */
function decodePrompt(prompt: unknown, spelling: JsonObject): Part {
  if (typeof prompt === 'string') return { type: 'text', text: prompt }
  const [only, ...others] = prompt as unknown[]
  if (typeof only !== 'string' || others.length > 0)
    return { type: 'raw', dialect: DIALECT, value: { type: 'prompt', prompt } }
  spelling.prompt = 'list'
  return { type: 'text', text: only }
}
