/** `@sluice/provider-vertex`: Gemini and Claude on Google's Vertex AI as upstreams. */
import { definePlugin, Type } from '@sluice/core'
import { httpOptionsOf, httpProvider } from '@sluice/provider-kit'
import { baseUrlOf, pathsFor, PUBLISHERS } from './address.ts'
import { withClaudeBodies } from './claude.ts'
import { credentialOf } from './credential.ts'
import { withGeminiEmbeddings } from './embeddings-reply.ts'
import { vertexBody } from './gemini.ts'
import { VertexOptions } from './options.ts'

/** Adds the provider `vertex`, with the models of one publisher. */
export const vertex = definePlugin({
  name: 'provider-vertex',
  version: '0.1.0',
  api: 1,
  id: 'vertex',
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(VertexOptions.properties, { additionalProperties: false }),
  async setup({ options, addProvider, onClose, log }) {
    const { project, location = 'global', publisher = 'google', baseUrl = baseUrlOf(location) } = options
    const isGoogle = publisher === 'google'
    const { provider, close } = httpProvider({
      vendor: 'google',
      dialect: PUBLISHERS[publisher].dialect,
      baseUrl,
      path: pathsFor(project, location, publisher),
      ...(isGoogle && { adapt: vertexBody }),
      ...httpOptionsOf(options, await credentialOf(options, log)),
    })
    addProvider(isGoogle ? withGeminiEmbeddings(provider) : withClaudeBodies(provider))
    onClose(close)
  },
})
