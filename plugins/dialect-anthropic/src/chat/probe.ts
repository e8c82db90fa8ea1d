import { GatewayError } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { decodeErrorEvent } from '../errors.ts'

/**
 * Anthropic may refuse (overloaded) after `message_start`, so only content settles it. In JSON a quoted
 * word without a backslash is never inside a text, so that searching the data cannot be fooled by one.
 */
export function probe({ event, data }: Frame): 'ok' | 'more' | GatewayError {
  if (!data.trimStart().startsWith('{'))
    return new GatewayError('upstream_error', 'The upstream sent an event that is not a JSON object.')
  if (data.includes('"error"')) {
    const value = tryParse(data)
    if (isObject(value) && (value.type === 'error' || isObject(value.error))) return decodeErrorEvent(value)
  }
  if (event === 'message_start' || event === 'ping') return 'more'
  return event === '' && (data.includes('"message_start"') || data.includes('"ping"')) ? 'more' : 'ok'
}
