/** The codec of the chat operation. */
import type { Codec } from '@sluice/core'
import { lastField, sse, streamCodec } from '@sluice/dialect-kit'
import { usageFrame } from '../chunks/usage-frame.ts'
import { withModel } from '../model-field.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { ChatStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { ChatStreamEncoder } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'
import { decodeUsage } from './usage.ts'

/** `POST /v1/chat/completions`. */
export const chat: Codec = {
  inspect,
  withModel,
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  usageIn(body) {
    const usage = lastField(body, 'usage')
    return usage && decodeUsage(usage)
  },
  stream: streamCodec({
    framing: sse,
    decoder: () => new ChatStreamDecoder(),
    writer: (context) => new ChatStreamEncoder(context),
    probe,
    usage: usageFrame,
  }),
}
