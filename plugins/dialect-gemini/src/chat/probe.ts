import { GatewayError } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { decodeErrorBody } from '../errors.ts'

/**
 * Any frame but an error settles it. In JSON a quoted word without a backslash is never inside a text, so
 * that searching the data cannot be fooled by one.
 */
export function probe({ data }: Frame): 'ok' | GatewayError {
  if (!data.trimStart().startsWith('{'))
    return new GatewayError('upstream_error', 'The upstream sent an event that is not a JSON object.')
  if (data.includes('"error"')) {
    const value = tryParse(data)
    if (isObject(value) && isObject(value.error)) return decodeErrorBody(value)
  }
  return 'ok'
}
