import { invalidRequest } from '@sluice/core'
import type { BodyCodec } from '@sluice/core'

/**
 * The codec of an operation that only other dialects' clients ask for: Bedrock's own do so by InvokeModel,
 * whose bodies pass unread.
 */
export function upstreamOnly<Q, R>(codec: Pick<BodyCodec<Q, R>, 'encodeRequest' | 'decodeResponse'>): BodyCodec<Q, R> {
  const refuse = (): never => {
    throw invalidRequest("Bedrock's clients ask for this by InvokeModel: /model/<model>/invoke.")
  }
  return { ...codec, inspect: refuse, withModel: refuse, decodeRequest: refuse, encodeResponse: refuse }
}
