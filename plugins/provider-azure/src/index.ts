/** `@sluice/provider-azure`: Azure OpenAI as an upstream. */
import { definePlugin, Type } from '@sluice/core'
import { httpOptionsOf, httpProvider } from '@sluice/provider-kit'
import { adaptFor, dialectsOf, pathOf } from './api.ts'
import { credentialOf } from './credential.ts'
import { AzureOptions } from './options.ts'
import { placeOf, placing } from './places.ts'

/** Adds the provider `azure`. A model of it is a deployment of the resource. */
export const azure = definePlugin({
  name: 'provider-azure',
  version: '0.1.0',
  api: 1,
  id: 'azure',
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(AzureOptions.properties, { additionalProperties: false }),
  setup({ options, addProvider, onClose, log }) {
    const { baseUrl, apiVersion = 'v1' } = options
    const place = placeOf(apiVersion)
    const { provider, close } = httpProvider({
      vendor: 'azure',
      dialect: 'openai-chat',
      also: dialectsOf(apiVersion),
      // Azure's pages give the address with the path of the v1 API, for use with OpenAI's SDKs.
      baseUrl: baseUrl.replace(/\/openai(?:\/v1)?\/*$/, ''),
      path(operation, deployment, _stream, dialect) {
        const path = pathOf(operation, dialect)
        return path && place(path, deployment)
      },
      adapt: adaptFor(apiVersion),
      ...httpOptionsOf(options, credentialOf(options, log)),
    })
    addProvider(placing(provider, place))
    onClose(close)
  },
})
