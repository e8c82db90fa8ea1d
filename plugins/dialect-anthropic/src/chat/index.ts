import type { Codec } from '@sluice/core'
import { lastField, spliceString, sse, streamCodec } from '@sluice/dialect-kit'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { AnthropicStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { AnthropicStreamWriter } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'
import { decodeUsage } from './usage.ts'

/** Of a conversation that the provider holds, the request is only the last turn. */
export const VITAL = ['thread']

/** `POST /v1/messages`. */
export const chat: Codec = {
  stream: streamCodec({
    framing: sse,
    decoder: () => new AnthropicStreamDecoder(),
    writer: (context) => new AnthropicStreamWriter(context),
    probe,
  }),
  inspect,
  withModel: (bytes, model) => spliceString(bytes, 'model', model),
  decodeRequest,
  vital: VITAL,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  usageIn(body) {
    const usage = lastField(body, 'usage')
    return usage && decodeUsage(usage)
  },
}
