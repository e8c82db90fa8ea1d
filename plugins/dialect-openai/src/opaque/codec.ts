/** Codecs for what no other dialect has words for: the body is kept whole, and goes to upstreams of this dialect only. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { AnyCodec, JsonObject, OpaqueOperation, OpaqueRequest, OpaqueResponse, StreamCodec } from '@sluice/core'
import { objectOf, optionalBoolean, requiredString } from '@sluice/dialect-kit'
import { inlineError } from '../chat/errors.ts'
import { DIALECT } from '../chat/extensions.ts'
import { modelIn, withModel } from '../model-field.ts'
import { decodeUsage } from './usage.ts'

export interface OpaqueForm {
  operation: OpaqueOperation
  /** Fields without which every upstream refuses, and whether they must be texts. */
  required: { readonly [field: string]: 'text' | 'any' }
  /** What a body without `model` means; absent: it is refused. */
  model?: string
  /** How replies stream; `always` also where nobody asks for it. */
  stream?: { codec: StreamCodec; always?: boolean }
}

export function opaqueCodec({ operation, required, model: usual, stream }: OpaqueForm): AnyCodec {
  return {
    inspect(body, bytes, place) {
      const model = modelIn(body, bytes, place, usual)
      for (const field in required) {
        if (required[field] === 'text') requiredString(body, field)
        else if ((body[field] ?? undefined) === undefined) throw invalidRequest(`"${field}" is missing.`, field)
      }
      const isAsked = stream !== undefined && optionalBoolean(body, 'stream') === true
      return { model, stream: isAsked || stream?.always === true }
    },
    withModel,
    decodeRequest: (body) => ({ operation, model: '', stream: false, extensions: { [DIALECT]: body } }),
    encodeRequest: (request, { model }) => ({ ...bodyIn(request as OpaqueRequest), model }),
    decodeResponse(body): OpaqueResponse {
      const error = inlineError(body)
      if (error !== undefined) throw error
      const usage = decodeUsage(objectOf(body.usage))
      return { operation, extensions: { [DIALECT]: body }, ...(usage && { usage }) }
    },
    encodeResponse: (response) => bodyIn(response as OpaqueResponse),
    ...(stream && { stream: stream.codec }),
  }
}

/** Throws `upstream_error` for what a plugin of another dialect made. */
function bodyIn({ operation, extensions }: OpaqueRequest | OpaqueResponse): JsonObject {
  const body = extensions[DIALECT]
  if (body !== undefined) return body
  throw new GatewayError('upstream_error', `What is said of ${operation} here is not in a form that OpenAI's API has.`)
}
