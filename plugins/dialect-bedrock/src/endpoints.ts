import type { Endpoint } from '@sluice/core'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * What Bedrock's clients call: the model stands in the path, percent-encoded, and may hold slashes. Model
 * lists are of another API of AWS.
 */
export const endpoints: readonly Endpoint[] = ['converse', 'converse-stream'].map((action) => ({
  method: 'POST',
  path: `/model/*model/${action}`,
  operation: 'chat',
}))

/** Which of the two it is; the router cares neither for case nor for a slash at the end. */
export function asksForStream(path: string): boolean {
  return /\/converse-stream\/?$/i.test(path)
}

/** The SDKs of AWS number their calls. */
export function speaksAws(headers: IncomingHttpHeaders): boolean {
  return 'amz-sdk-invocation-id' in headers || 'x-amz-date' in headers
}
