/** `@sluice/dialect-anthropic`: the Anthropic Messages API as a dialect of the gateway. */
import { definePlugin } from '@sluice/core'
import { anthropic } from './dialect.ts'

export { anthropic } from './dialect.ts'

/** Adds the dialect `anthropic` and the endpoints that its clients call. No options. */
export const anthropicDialect = definePlugin({
  name: 'dialect-anthropic',
  version: '0.1.0',
  api: 1,
  setup(context) {
    context.addDialect(anthropic)
  },
})
