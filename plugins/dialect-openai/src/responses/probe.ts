/** Judges the first frames of a stream, while another target may still take over. */
import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { objectOf, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import { failureOf, inlineError } from './errors.ts'

/** What comes before the model has said anything: a refusal may still follow. */
export const PRELUDE: ReadonlySet<string> = new Set([
  'response.created',
  'response.in_progress',
  'response.queued',
  'keepalive',
])

/** Parses only what does not say by its name what it is. */
export function probe({ event, data }: Frame): 'ok' | 'more' | GatewayError {
  if (PRELUDE.has(event) || data === '') return 'more'
  const mayFail = event === '' || event === 'error' || event === 'response.failed'
  if (!mayFail || data === '[DONE]') return 'ok'
  try {
    const body = parseUpstreamObject(data, 'an event')
    const type = textOf(body.type) ?? event
    return failureIn(type, body) ?? (PRELUDE.has(type) || type === '' ? 'more' : 'ok')
  } catch (error) {
    return GatewayError.is(error)
      ? error
      : new GatewayError('upstream_error', 'The upstream sent an event that cannot be read.', { cause: error })
  }
}

/** The error that an event tells of; undefined if it is none. */
export function failureIn(type: string, event: JsonObject): GatewayError | undefined {
  if (type === 'response.failed') return failureOf(objectOf(event.response) ?? {})
  if (type === 'error') return inlineError({ ...event, type })
  return type === '' ? inlineError(event) : undefined
}
