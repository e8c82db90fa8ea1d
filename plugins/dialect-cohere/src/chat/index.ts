import type { Codec } from '@sluice/core'
import { spliceString, sse, streamCodec } from '@sluice/dialect-kit'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { CohereStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { CohereStreamWriter } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'

/** `POST /v2/chat`. */
export const chat: Codec = {
  stream: streamCodec({
    framing: sse,
    decoder: () => new CohereStreamDecoder(),
    writer: (context) => new CohereStreamWriter(context),
    probe,
  }),
  inspect,
  withModel: (bytes, model) => spliceString(bytes, 'model', model),
  decodeRequest,
  // An answer that was to be grounded in documents is another answer without them.
  vital: ['documents'],
  encodeRequest,
  decodeResponse,
  encodeResponse,
}
