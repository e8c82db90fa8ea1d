/** An upstream that keeps a bill: what each request used, as it told. */
import { mockUpstream } from '@sluice/core/testing'
import type { MockUpstream } from '@sluice/core/testing'
import { once } from 'node:events'

/** What every answer uses. */
export const USED = { input: 60, output: 40 }
const usage = { prompt_tokens: USED.input, completion_tokens: USED.output, total_tokens: USED.input + USED.output }

/**
 * How a request ends, which its user field asks for: well, whole or streamed; refused; reset; broken off; or left by
 * its client, for which the stream waits.
 */
export const ENDS = ['whole', 'stream', 'refused', 'reset', 'cut', 'left'] as const
export type End = (typeof ENDS)[number]

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...fields })}\n\n`
/** Usage comes with the first words, as with vendors that report it continuously: what is cut off has a known price. */
const TEXT = chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }], usage })
const STOP = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })

export async function billingUpstream(): Promise<MockUpstream> {
  const upstream = await mockUpstream()
  upstream.reply(async (request, response) => {
    const end = String(request.json()['user']) as End
    if (end === 'refused')
      return void response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{}}')
    if (end === 'reset') return void response.destroy()
    if (end === 'whole') {
      const message = { role: 'assistant', content: 'Hi' }
      const body = { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEXT)
    if (end === 'stream') return void response.end(`${STOP}data: [DONE]\n\n`)
    if (end === 'cut') return void setImmediate(() => response.destroy())
    await once(response, 'close')
  })
  return upstream
}
