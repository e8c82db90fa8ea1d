/** An upstream's stream → parts. */
import { ChunkDecoder } from '../chunks/decode-chunks.ts'
import type { ChunkForm } from '../chunks/decode-chunks.ts'
import { ChoiceReader } from './choice-reader.ts'
import { inlineError } from './errors.ts'
import { DIALECT } from './extensions.ts'

const CHUNKS: ChunkForm = {
  dialect: DIALECT,
  object: 'chat.completion.chunk',
  // Perplexity's last chunk is a `chat.completion.done`.
  family: 'chat.completion',
  choice: (index, responseId) => new ChoiceReader(index, responseId),
  inlineError,
}

/** Made for one stream. Throws `upstream_error` on a frame that is not of the dialect. */
export class ChatStreamDecoder extends ChunkDecoder {
  constructor() {
    super(CHUNKS)
  }
}
