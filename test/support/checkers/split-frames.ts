/** A strict reading of server-sent events as providers write them: LF, one event and one line of data a frame. */
import type { Frame } from '../oracle/frames.ts'

/** Comments are left out. @throws Error if the stream ends within a frame or has a line of another form */
export function splitFrames(stream: Buffer | string): Frame[] {
  const text = stream.toString()
  if (text.includes('�')) throw new Error('the stream holds a torn character')
  if (!text.endsWith('\n\n')) throw new Error('the stream ends within a frame')
  return text
    .slice(0, -2)
    .split('\n\n')
    .flatMap((block) => {
      if (block.startsWith(':')) return []
      const [, event = '', data = ''] = /^(?:event: ([\w.-]+)\n)?data: (.+)$/.exec(block) ?? []
      if (data === '') throw new Error(`a frame is malformed: ${block}`)
      return [{ event, data }]
    })
}
