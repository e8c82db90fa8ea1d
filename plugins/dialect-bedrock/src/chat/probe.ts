import { GatewayError } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { decodeException } from '../errors.ts'
import { EXCEPTION } from '../event-stream/index.ts'

/** Bedrock may still be refused by the model after `messageStart`, so only content settles it. */
export function probe({ event, data }: Frame): 'ok' | 'more' | GatewayError {
  if (event.startsWith(EXCEPTION)) return decodeException(event.slice(EXCEPTION.length), data)
  if (!data.startsWith('{'))
    return new GatewayError('upstream_error', 'The upstream sent an event that is not a JSON object.')
  return event === 'messageStart' ? 'more' : 'ok'
}
