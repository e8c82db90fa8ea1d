/** `@sluice/dialect-openai`: the OpenAI Chat Completions API, for clients and for upstreams. */
import { definePlugin } from '@sluice/core'
import { openaiChat } from './dialect.ts'

export { openaiChat } from './dialect.ts'

/** Adds the dialect `openai-chat` and its client endpoints. */
export const openaiDialect = definePlugin({
  name: 'dialect-openai',
  version: '0.1.0',
  api: 1,
  setup({ addDialect }) {
    addDialect(openaiChat)
  },
})
