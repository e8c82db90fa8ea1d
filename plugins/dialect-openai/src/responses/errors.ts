/** The errors of `openai-responses`. */
import type { GatewayError, JsonObject } from '@sluice/core'
import { isObject, sseFrame } from '@sluice/dialect-kit'
import { errorsOf } from '../errors.ts'
import { DIALECT } from './extensions.ts'

const errors = errorsOf(DIALECT)
export const { decodeError, encodeError } = errors

/** The error that a body or an event is; undefined if it is none. */
export function inlineError(body: JsonObject): GatewayError | undefined {
  // The documentation writes an error event flat, the API does not.
  const isFlat = body.type === 'error' && !isObject(body.error)
  return errors.inlineError(isFlat ? { error: { ...body, type: undefined } } : body)
}

/** The error of a response that failed. */
export function failureOf(response: JsonObject): GatewayError {
  const error = isObject(response.error) ? response.error : { message: 'The model failed while answering.' }
  return inlineError({ error })!
}

/**
 * The two events with which OpenAI ends a stream that fails: some clients look for the one, some for the
 * other. The fields of the first stand in it as the API writes them and as its documentation does.
 */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  const body = encodeError(error).error as JsonObject
  const { message, code, param } = body
  const event = { type: 'error', code, message, param, error: body, sequence_number: 0 }
  const response = {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'failed',
    error: { code, message },
    incomplete_details: null,
    output: [],
    usage: null,
  }
  const failed = { type: 'response.failed', response, sequence_number: 1 }
  return sseFrame(JSON.stringify(event), event.type) + sseFrame(JSON.stringify(failed), failed.type)
}
