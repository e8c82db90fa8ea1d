import type { Codec } from '@sluice/core'
import { streamCodec } from '@sluice/dialect-kit'
import { eventStream } from '../event-stream/index.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { BedrockStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { BedrockStreamWriter } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'

/** Without its guardrail a request would be answered unguarded; of a stored prompt, it is only the variables. */
export const VITAL = ['guardrailConfig', 'promptVariables']

/** `POST /model/{model}/converse` and `/model/{model}/converse-stream`. */
export const chat: Codec = {
  stream: streamCodec({
    framing: eventStream,
    decoder: () => new BedrockStreamDecoder(),
    writer: () => new BedrockStreamWriter(),
    probe,
  }),
  inspect,
  // The model stands in the path.
  withModel: (bytes) => bytes,
  decodeRequest,
  vital: VITAL,
  encodeRequest,
  decodeResponse,
  encodeResponse,
}
