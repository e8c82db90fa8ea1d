/** The codec of the chat operation. */
import type { Codec } from '@sluice/core'
import { sse, streamCodec } from '@sluice/dialect-kit'
import { withModel } from '../model-field.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { ResponsesStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { ResponsesStreamEncoder } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'

/** `POST /v1/responses`. */
export const responses: Codec = {
  inspect,
  withModel,
  decodeRequest,
  // What the upstream holds, or how it is to run: without it the answer would be one to another question.
  vital: ['previous_response_id', 'conversation', 'prompt', 'background'],
  encodeRequest,
  decodeResponse,
  encodeResponse,
  stream: streamCodec({
    framing: sse,
    decoder: () => new ResponsesStreamDecoder(),
    writer: (context) => new ResponsesStreamEncoder(context),
    probe,
  }),
}
