/** Whether and how an answer is streamed: `stream` and `stream_options`, both directions. */
import type { ChatRequest, JsonObject } from '@sluice/core'
import { optionalBoolean, optionalObject } from '@sluice/dialect-kit'

/** Throws `invalid_request` on a wrong type. */
export function readStream(body: JsonObject, spelling: JsonObject): Pick<ChatRequest, 'stream' | 'includeUsage'> {
  const stream = optionalBoolean(body, 'stream')
  if (stream === false) spelling.stream = 'false'
  const options = optionalObject(body, 'stream_options')
  if (options === undefined) return { stream: stream ?? false }
  spelling.stream_options = options
  const includeUsage = optionalBoolean(options, 'include_usage', 'stream_options.')
  return { stream: stream ?? false, ...(includeUsage !== undefined && { includeUsage }) }
}

/** Other dialects end every stream with usage; here that must be asked for. */
export function writeStream(request: ChatRequest, body: JsonObject, own: boolean, spelling: JsonObject): void {
  if (request.stream) body.stream = true
  else if (spelling.stream === 'false') body.stream = false
  const includeUsage = request.includeUsage ?? (request.stream && !own ? true : undefined)
  const options = spelling.stream_options as JsonObject | undefined
  if (options !== undefined || (includeUsage === true && request.stream)) {
    body.stream_options = { ...options, ...(includeUsage !== undefined && { include_usage: includeUsage }) }
  }
}
