/** Gemini on Vertex AI: the Gemini API, but for what is in the files of these imports. */
import type { WireProvider } from '@sluice/core'
import { withoutCallIds } from './call-ids.ts'
import { vertexCountBody } from './count-tokens.ts'
import { vertexEmbeddingsBody } from './embeddings-body.ts'

export type Adapt = NonNullable<WireProvider['adapt']>
export type Drop = Parameters<Adapt>[1]

/** A body of the Gemini API as Vertex AI wants it. */
export const vertexBody: Adapt = (body, drop, { operation }) => {
  if (operation === 'embeddings') return vertexEmbeddingsBody(body, drop)
  return withoutCallIds(operation === 'count-tokens' ? vertexCountBody(body, drop) : body)
}
