/** `@sluice/dialect-gemini`: what it does, in one line. */
import { definePlugin, Type } from '@sluice/core'

/** Puts a header on every reply. */
export const dialectGemini = definePlugin({
  name: 'dialect-gemini',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      header: Type.String({ default: 'x-dialect-gemini', description: 'Reply header that says the plugin was here.' }),
    },
    { additionalProperties: false },
  ),
  setup({ id, options, hooks }) {
    hooks.onResponse.tap('mark', (reply) => {
      reply.headers[options.header] = id
    })
  },
})
