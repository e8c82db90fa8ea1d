/** `@sluice/dialect-cohere`: Cohere's v2 API as a dialect of the gateway. */
import { definePlugin } from '@sluice/core'
import { cohere } from './dialect.ts'

export { cohere } from './dialect.ts'

/** Adds the dialect `cohere` and the endpoints that its clients call. No options. */
export const cohereDialect = definePlugin({
  name: 'dialect-cohere',
  version: '0.1.0',
  api: 1,
  setup(context) {
    context.addDialect(cohere)
  },
})
