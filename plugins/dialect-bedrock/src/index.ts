/** `@sluice/dialect-bedrock`: what it does, in one line. */
import { definePlugin, Type } from '@sluice/core'

/** Puts a header on every reply. */
export const dialectBedrock = definePlugin({
  name: 'dialect-bedrock',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      header: Type.String({ default: 'x-dialect-bedrock', description: 'Reply header that says the plugin was here.' }),
    },
    { additionalProperties: false },
  ),
  setup({ id, options, hooks }) {
    hooks.onResponse.tap('mark', (reply) => {
      reply.headers[options.header] = id
    })
  },
})
