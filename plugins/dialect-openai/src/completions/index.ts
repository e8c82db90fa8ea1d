/** The codec of the chat operation, as it was before there were chats: a text, and what follows it. */
import type { Codec } from '@sluice/core'
import { sse, streamCodec } from '@sluice/dialect-kit'
import { ChunkDecoder } from '../chunks/decode-chunks.ts'
import { ChunkEncoder } from '../chunks/encode-chunks.ts'
import { chunkProbe } from '../chunks/probe-chunks.ts'
import { usageFrame } from '../chunks/usage-frame.ts'
import { withModel } from '../model-field.ts'
import { inlineError } from './errors.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeRequest, inspect } from './decode-request.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { READING, WRITING } from './stream.ts'

/** `POST /v1/completions` (https://platform.openai.com/docs/api-reference/completions). */
export const completions: Codec = {
  inspect,
  withModel,
  decodeRequest,
  // Without the text that follows, another one would be completed; with `echo` the answer begins with the prompt.
  vital: ['suffix', 'echo'],
  encodeRequest,
  decodeResponse,
  encodeResponse,
  stream: streamCodec({
    framing: sse,
    decoder: () => new ChunkDecoder(READING),
    writer: (context) => new ChunkEncoder(context, WRITING),
    probe: chunkProbe('"text"', inlineError),
    usage: usageFrame,
  }),
}
