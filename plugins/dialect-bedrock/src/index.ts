/** `@sluice/dialect-bedrock`: the Converse API of Amazon Bedrock as a dialect of the gateway. */
import { definePlugin } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { bedrock } from './dialect.ts'

export { bedrock } from './dialect.ts'

/** Where the SDKs of AWS look for the id of a request. */
const REQUEST_ID = 'x-amzn-requestid'

/** Adds the dialect `bedrock` and the endpoints that its clients call; they are told the request's id as AWS does. No options. */
export const bedrockDialect = definePlugin({
  name: 'dialect-bedrock',
  version: '0.1.0',
  api: 1,
  setup({ addDialect, hooks }) {
    addDialect(bedrock)
    const isOurs = ({ dialect }: Exchange): boolean => dialect === bedrock
    hooks.onResponse.tap({ name: 'request-id', when: isOurs }, ({ headers }, { id }) => {
      headers[REQUEST_ID] ??= id
    })
  },
})
