import { invalidRequest } from '@sluice/core'
import { uriEncode } from './sign.ts'

/** Model ids, profile ids and ARNs, which may hold slashes and colons. Never a path of dots. */
const MODEL = /^[a-zA-Z0-9][\w.:/+-]{0,2047}$/

/** Path below the address of the API. @throws GatewayError `invalid_request` for what is no model's id */
export function modelPath(model: string, stream: boolean): string {
  if (!MODEL.test(model)) throw invalidRequest(`"${model}" is no id of a model at Bedrock.`, 'model')
  return `/model/${uriEncode(model)}/${stream ? 'converse-stream' : 'converse'}`
}
