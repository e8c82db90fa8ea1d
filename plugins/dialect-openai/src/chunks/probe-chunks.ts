/** Judges the first frames of a stream of chunks, while another target may still take over. */
import { GatewayError } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { parseUpstreamObject } from '@sluice/dialect-kit'
import type { Errors } from '../errors.ts'

/** @param sign the field, in its quotes, that shows a piece of an answer */
export function chunkProbe(sign: string, inlineError: Errors['inlineError']) {
  /** Parses only what does not plainly hold a piece of an answer. */
  return ({ event, data }: Frame): 'ok' | 'more' | GatewayError => {
    // Quotes inside texts are escaped, so that these match field names only.
    const mayFail = event === 'error' || data.includes('"error"')
    if (!mayFail && data.includes(sign)) return 'ok'
    if (data === '[DONE]') return 'ok'
    if (data === '') return 'more'
    try {
      const chunk = parseUpstreamObject(data, 'an event')
      const error = inlineError(chunk)
      if (error !== undefined) return error
      return Array.isArray(chunk.choices) && chunk.choices.length > 0 ? 'ok' : 'more'
    } catch (error) {
      return GatewayError.is(error)
        ? error
        : new GatewayError('upstream_error', 'The upstream sent an event that cannot be read.', { cause: error })
    }
  }
}
