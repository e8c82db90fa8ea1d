/**
 * The dialects of OpenAI's APIs. There are many of them, as a provider says what it offers by the dialects it
 * speaks: vendors copy one API or another, hardly ever all.
 */
import type { Dialect } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'
import { DIALECT as CHAT } from './chat/extensions.ts'
import { chat } from './chat/index.ts'
import { DIALECT as COMPLETIONS } from './completions/extensions.ts'
import { completions } from './completions/index.ts'
import { embeddings } from './embeddings/index.ts'
import * as at from './endpoints.ts'
import { errorsOf } from './errors.ts'
import { INPUT_TOKENS, inputTokens } from './input-tokens.ts'
import { images, moderations, speech, transcription } from './opaque/index.ts'
import { formCodec } from './raw/form.ts'
import { heldCodec } from './raw/held.ts'
import { JINA, VOYAGE } from './rerank/form.ts'
import { rerankCodec } from './rerank/index.ts'
import * as responsesErrors from './responses/errors.ts'
import { DIALECT as RESPONSES } from './responses/extensions.ts'
import { responses } from './responses/index.ts'

type Parts = Pick<Dialect, 'codecs' | 'endpoints' | 'raw'> & Partial<Pick<Dialect, 'encodeStreamError'>>

function dialectOf(name: string, parts: Parts): Dialect {
  const { decodeError, encodeError } = errorsOf(name)
  return {
    name,
    // Not openai-organization and openai-project: they select the account of a credential that is not the client's.
    requestHeaders: ['openai-beta', 'idempotency-key'],
    replyHeaders: ['openai-*', 'x-ratelimit-*', 'retry-after', 'retry-after-ms'],
    encodeError,
    // One event that SDKs turn into an exception. No `[DONE]` follows it.
    encodeStreamError: (error) => sseFrame(JSON.stringify(encodeError(error))),
    decodeError,
    ...parts,
  }
}

/** `openai-chat`: what OpenAI's Chat Completions API and the many APIs modelled on it speak. For tests and tools; gateways add it through the plugin. */
export const openaiChat = dialectOf(CHAT, {
  codecs: { chat, embeddings, moderations, images, speech, transcription },
  endpoints: at.chatEndpoints,
})

/** `openai-responses`: what OpenAI's Responses API speaks. For tests and tools, too; so are all of these. */
export const openaiResponses = dialectOf(RESPONSES, {
  codecs: { chat: responses },
  endpoints: at.responsesEndpoints,
  encodeStreamError: responsesErrors.encodeStreamError,
})

/** `openai-completions`: the API before chats. */
export const openaiCompletions = dialectOf(COMPLETIONS, {
  codecs: { chat: completions },
  endpoints: at.completionsEndpoints,
})

/** `openai-input-tokens`: counts what a request of the Responses API holds. */
export const openaiInputTokens = dialectOf(INPUT_TOKENS, {
  codecs: { 'count-tokens': inputTokens },
  endpoints: at.inputTokensEndpoints,
})

/** `jina`: reranking, as Jina and Cohere's first API have it. */
export const jina = dialectOf(JINA.dialect, { codecs: { rerank: rerankCodec(JINA) }, endpoints: at.rerankEndpoints })

/** `voyage`: reranking, as Voyage has it; upstreams only. */
export const voyage = dialectOf(VOYAGE.dialect, { codecs: { rerank: rerankCodec(VOYAGE) }, endpoints: [] })

/** `openai-images`: edits and variations, which are forms with pictures in them. */
export const openaiImages = dialectOf('openai-images', {
  codecs: {},
  raw: { images: formCodec('dall-e-2', 'images') },
  endpoints: at.imageFormEndpoints,
})

/** `openai-audio`: transcriptions and translations, which are forms with a recording in them. */
export const openaiAudio = dialectOf('openai-audio', {
  codecs: {},
  raw: { transcription: formCodec('whisper-1', 'transcription') },
  endpoints: at.audioFormEndpoints,
})

/**
 * `openai-files`: files, uploads and batches, which a provider holds.
 * @param home id of the provider that is meant where nothing says another one
 */
export function openaiFiles(home: string): Dialect {
  return dialectOf('openai-files', {
    codecs: {},
    raw: { files: heldCodec('files', home), batches: heldCodec('batches', home) },
    endpoints: at.heldEndpoints,
  })
}
