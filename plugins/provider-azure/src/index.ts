/** `@sluice/provider-azure`: Azure OpenAI as an upstream. */
import { definePlugin } from '@sluice/core'
import { httpOptionsOf, httpProvider } from '@sluice/provider-kit'
import { apiOf } from './api.ts'
import { credentialOf } from './credential.ts'
import { AzureOptions } from './options.ts'

/** Adds the provider `azure`. A model of it is a deployment of the resource. */
export const azure = definePlugin({
  name: 'provider-azure',
  version: '0.1.0',
  api: 1,
  id: 'azure',
  options: AzureOptions,
  setup({ options, addProvider, onClose, log }) {
    const { provider, close } = httpProvider({
      dialect: 'openai-chat',
      // Azure's pages give the address with the path of the v1 API, for use with OpenAI's SDKs.
      baseUrl: options.baseUrl.replace(/\/openai(?:\/v1)?\/*$/, ''),
      ...apiOf(options.apiVersion),
      ...httpOptionsOf(options, credentialOf(options, log)),
    })
    addProvider(provider)
    onClose(close)
  },
})
