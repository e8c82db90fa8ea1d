/** `@sluice/dialect-openai`: OpenAI's APIs, and those modelled on them, for clients and for upstreams. */
import { definePlugin, Type } from '@sluice/core'
import {
  jina,
  openaiAudio,
  openaiChat,
  openaiCompletions,
  openaiFiles,
  openaiImages,
  openaiInputTokens,
  openaiResponses,
  voyage,
} from './dialect.ts'

export * from './dialect.ts'

const HOME = 'openai'

const DIALECTS = [
  openaiChat,
  openaiResponses,
  openaiCompletions,
  openaiInputTokens,
  openaiImages,
  openaiAudio,
  jina,
  voyage,
]

/** Adds the dialects with their client endpoints. */
export const openaiDialect = definePlugin({
  name: 'dialect-openai',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      filesProvider: Type.Optional(
        Type.String({
          minLength: 1,
          default: HOME,
          description: 'Provider whose files, uploads and batches are meant where a request does not say.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  setup({ options: { filesProvider = HOME }, addDialect }) {
    for (const dialect of DIALECTS) addDialect(dialect)
    addDialect(openaiFiles(filesProvider))
  },
})
