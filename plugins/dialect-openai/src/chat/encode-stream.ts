/** Parts → a client's stream. */
import type { ReplyContext } from '@sluice/core'
import { ChunkEncoder } from '../chunks/encode-chunks.ts'
import type { ChunkWriting } from '../chunks/encode-chunks.ts'
import { ChoiceWriter } from './choice-writer.ts'
import { replyId } from './encode-response.ts'
import { DIALECT } from './extensions.ts'

const CHUNKS: ChunkWriting = {
  dialect: DIALECT,
  object: 'chat.completion.chunk',
  replyId,
  choice: (index, envelope, closing) => new ChoiceWriter(index, envelope, closing),
  blank: '{"index":0,"delta":{},"logprobs":null,"finish_reason":null}',
}

/** Made for one stream. Takes parts in any order, from any dialect. */
export class ChatStreamEncoder extends ChunkEncoder {
  constructor(context: ReplyContext) {
    super(context, CHUNKS)
  }
}
