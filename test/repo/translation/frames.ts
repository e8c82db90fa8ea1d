/** A stream, frame by frame, whatever its framing. */
import { parseEventStream } from '../../support/event-stream.ts'

export interface StreamFrame {
  /** '' if the frame has no name. */
  event: string
  data: unknown
}

/** What is not JSON is left out: it only ends the stream. */
export function framesOf(bytes: Buffer, contentType: string): StreamFrame[] {
  if (contentType === 'text/event-stream') return serverSentEvents(bytes.toString())
  return parseEventStream(bytes).map(({ headers, payload }) => ({ event: headers[':event-type'] ?? '', data: payload }))
}

function serverSentEvents(text: string): StreamFrame[] {
  return text.split('\n\n').flatMap((frame) => {
    const [, event = ''] = /^event: ?(.*)$/m.exec(frame) ?? []
    const [, data] = /^data: ?([{[].*)$/m.exec(frame) ?? []
    return data === undefined || data === '[DONE]' ? [] : [{ event, data: JSON.parse(data) as unknown }]
  })
}
