import { invalidRequest } from '@sluice/core'
import type { Endpoint, Operation, RequestPlace } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'

const OPERATIONS: { readonly [action: string]: Operation } = {
  converse: 'chat',
  'converse-stream': 'chat',
  'count-tokens': 'count-tokens',
  invoke: 'passthrough',
  'invoke-with-response-stream': 'passthrough',
}

/**
 * What Bedrock's clients call: the model stands in the path, percent-encoded, and may hold slashes. Model
 * lists are of another API of AWS.
 */
export const endpoints: readonly Endpoint[] = Object.entries(OPERATIONS).map(([action, operation]) => ({
  method: 'POST',
  path: `/model/*model/${action}`,
  operation,
}))

/** @throws GatewayError `invalid_request` if the path names no model */
export function modelIn({ path, params: { model } }: RequestPlace): string {
  if (!model) throw invalidRequest(`The path must name a model: /model/<model>/${actionOf(path)}.`, 'modelId')
  return model
}

/** The last part of the path. The router cares neither for its case nor for a slash at its end. */
export function actionOf(path: string): string {
  const parts = path.toLowerCase().split('/')
  return parts.findLast((part) => part !== '') ?? ''
}

/** The SDKs of AWS number their calls. */
export function speaksAws(headers: IncomingHttpHeaders): boolean {
  return 'amz-sdk-invocation-id' in headers || 'x-amz-date' in headers
}
