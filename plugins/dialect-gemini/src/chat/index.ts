import type { Codec } from '@sluice/core'
import { sse, streamCodec } from '@sluice/dialect-kit'
import type { Framing } from '@sluice/dialect-kit'
import { jsonArray } from '../json-array.ts'
import { decodeRequest } from './decode-request.ts'
import { decodeResponse } from './decode-response.ts'
import { GeminiStreamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { ARRAY_FORM, EVENT_FORM, GeminiStreamWriter } from './encode-stream.ts'
import type { StreamForm } from './encode-stream.ts'
import { inspect } from './inspect.ts'
import { probe } from './probe.ts'

function codecFor(framing: Framing, form: StreamForm): Codec {
  return {
    stream: streamCodec({
      framing,
      decoder: () => new GeminiStreamDecoder(),
      writer: (context) => new GeminiStreamWriter(context, form),
      probe,
    }),
    inspect,
    // The path names it.
    withModel: (bytes) => bytes,
    decodeRequest,
    // Most of the prompt may be in it.
    vital: ['cachedContent'],
    encodeRequest,
    decodeResponse,
    encodeResponse,
  }
}

// Google's SDKs for Python and Go take whatever stands between two events for one that they cannot read.
const { heartbeat: _, ...events } = sse

/** `generateContent` and `streamGenerateContent?alt=sse`. */
export const chat: Codec = codecFor(events, EVENT_FORM)

/** `streamGenerateContent`, whose stream is one JSON array. */
export const chatInArray: Codec = codecFor(jsonArray, ARRAY_FORM)
