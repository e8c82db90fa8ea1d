/** Paths below the address of the API: the model stands in them. */
import { invalidRequest } from '@sluice/core'
import type { Operation, WireProvider } from '@sluice/core'
import { uriEncode } from './sign.ts'

/** Model ids, profile ids and ARNs, which may hold slashes and colons. Never a path of dots. */
const MODEL = /^[a-zA-Z0-9][\w.:/+-]{0,2047}$/

const ACTIONS: { readonly [operation in Operation]?: string } = {
  chat: 'converse',
  'count-tokens': 'count-tokens',
  embeddings: 'invoke',
  rerank: 'invoke',
}

/** Inference profiles across regions are named by their region and the model, of which only the latter can count. */
const PROFILE = /^(?:us-gov|us|eu|apac|au|ca|jp|sa|me|af|global)\./

/** Undefined for what Bedrock does not offer. @throws GatewayError `invalid_request` for what is no model's id */
export function pathFor(operation: Operation, model: string, stream: boolean): string | undefined {
  const action = ACTIONS[operation]
  if (action === undefined) return undefined
  const name = operation === 'count-tokens' ? model.replace(PROFILE, '') : model
  return `/model/${segmentOf(name)}/${stream ? `${action}-stream` : action}`
}

function segmentOf(model: string): string {
  if (!MODEL.test(model)) throw invalidRequest(`"${model}" is no id of a model at Bedrock.`, 'model')
  return uriEncode(model)
}

/** Where `@sluice/dialect-bedrock` leaves room for the model in the path of a raw request. */
const PLACE = '{model}'

/** The same provider, with the target's model in the paths of raw requests that leave room for it. */
export function withModelPlaced(provider: WireProvider): WireProvider {
  return {
    ...provider,
    send(request) {
      const { raw, model } = request
      if (!raw?.path.includes(PLACE)) return provider.send(request)
      return provider.send({ ...request, raw: { ...raw, path: raw.path.replace(PLACE, segmentOf(model)) } })
    },
  }
}
