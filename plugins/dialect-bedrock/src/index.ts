/** `@sluice/dialect-bedrock`: the Converse API of Amazon Bedrock as a dialect of the gateway. */
import { definePlugin } from '@sluice/core'
import { bedrock } from './dialect.ts'

export { bedrock } from './dialect.ts'

/** Adds the dialect `bedrock` and the endpoints that its clients call. No options. */
export const bedrockDialect = definePlugin({
  name: 'dialect-bedrock',
  version: '0.1.0',
  api: 1,
  setup(context) {
    context.addDialect(bedrock)
  },
})
