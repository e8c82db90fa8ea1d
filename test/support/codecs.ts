/** The chat codec of each dialect. */
import type { Codec, Dialect } from '@sluice/core'
import { anthropic } from '@sluice/dialect-anthropic'
import { bedrock } from '@sluice/dialect-bedrock'
import { cohere } from '@sluice/dialect-cohere'
import { gemini } from '@sluice/dialect-gemini'
import { openaiChat, openaiResponses } from '@sluice/dialect-openai'
import { DIALECTS } from './dialect-names.ts'
import type { ByDialect } from './dialect-names.ts'

const OBJECTS: ByDialect<Dialect> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
  cohere,
  bedrock,
}

export const CODECS = Object.fromEntries(DIALECTS.map((name) => [name, OBJECTS[name].codecs.chat])) as ByDialect<Codec>
