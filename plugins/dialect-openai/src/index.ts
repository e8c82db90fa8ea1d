/** `@sluice/dialect-openai`: OpenAI's Chat Completions and Responses APIs, for clients and for upstreams. */
import { definePlugin } from '@sluice/core'
import { openaiChat, openaiResponses } from './dialect.ts'

export { openaiChat, openaiResponses } from './dialect.ts'

/** Adds the dialects `openai-chat` and `openai-responses` with their client endpoints. */
export const openaiDialect = definePlugin({
  name: 'dialect-openai',
  version: '0.1.0',
  api: 1,
  setup({ addDialect }) {
    addDialect(openaiChat)
    addDialect(openaiResponses)
  },
})
