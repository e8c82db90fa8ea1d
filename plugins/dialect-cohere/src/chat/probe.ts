import { GatewayError } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { errorIn } from '../errors.ts'

/**
 * Cohere may fail after `message-start`, so only content settles it. In JSON a quoted word without a
 * backslash is never inside a text, so that searching the data cannot be fooled by one.
 */
export function probe({ event, data }: Frame): 'ok' | 'more' | GatewayError {
  if (data === '' || data === '[DONE]') return 'more'
  if (!data.trimStart().startsWith('{'))
    return new GatewayError('upstream_error', 'The upstream sent an event that is not a JSON object.')
  if (data.includes('"error') || !data.includes('"type"')) {
    const value = tryParse(data)
    const error = isObject(value) ? errorIn(value) : undefined
    if (error !== undefined) return error
  }
  return event === 'message-start' || data.includes('"message-start"') ? 'more' : 'ok'
}
