/** `@sluice/provider-bedrock`: Amazon Bedrock as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { httpOptionsOf, httpProvider } from '@sluice/provider-kit'
import { authentication } from './authentication.ts'
import { pathFor, withModelPlaced } from './model-path.ts'
import { BedrockOptions } from './options.ts'
import { dnsSuffix, regionOf } from './region.ts'

/** Adds the provider `bedrock`. */
export const bedrock = definePlugin({
  name: 'provider-bedrock',
  version: '0.1.0',
  api: 1,
  id: 'bedrock',
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(BedrockOptions.properties, { additionalProperties: false }),
  setup({ options, log, addProvider, onClose }) {
    const region = regionOf(options.region, process.env)
    const { baseUrl = `https://bedrock-runtime.${region}.${dnsSuffix(region)}` } = options
    const { provider, close } = httpProvider({
      vendor: 'aws',
      dialect: 'bedrock',
      baseUrl,
      path: pathFor,
      ...httpOptionsOf(options, authentication(options, region, process.env, log)),
    })
    addProvider(withModelPlaced(provider))
    onClose(close)
  },
})
