/** Changes requests to what a vendor takes. */
import type { WireProvider } from '@sluice/core'
import { adapter } from '@sluice/provider-kit'
import type { Quirks } from '@sluice/provider-kit'
import type { EmbeddingQuirks } from './vendors.ts'
import { translator } from './words.ts'

/** @param chat quirks of chats @param embeddings quirks of embeddings */
export function adaptTo(chat: Quirks, embeddings: EmbeddingQuirks): NonNullable<WireProvider['adapt']> {
  const adaptChat = adapter(chat)
  const adaptEmbeddings = adapter(embeddings)
  const translate = translator(embeddings.words ?? {})
  return (body, drop, request) => {
    if (request.dialect !== 'openai-chat') return body
    if (request.operation === 'chat') return adaptChat(body, drop)
    return request.operation === 'embeddings' ? adaptEmbeddings(translate(body, drop), drop) : body
  }
}
