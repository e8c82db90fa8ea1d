/** A chat between a client and an upstream, of which limits see what it may use and what it used. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@sluice/core'

/** What a gateway is asked through; `TestGateway` of `@sluice/core/testing` is one. */
export interface Asked<R> {
  request(
    path: string,
    init: { method?: string; headers?: { [name: string]: string }; body?: JsonObject; signal?: AbortSignal },
  ): Promise<R>
}

/** Sends a short question to the model `m`; `caller` is the value of `authorization`, `more` fields of the body. */
export type Ask<R> = (caller?: string, more?: JsonObject, signal?: AbortSignal) => Promise<R>

/** How clients of `gateway` ask. @param maxTokens of an answer, unless `more` says otherwise */
export function askOf<R>(gateway: Asked<R>, maxTokens: number): Ask<R> {
  return (caller, more = {}, signal) =>
    gateway.request('/v1/chat/completions', {
      ...(caller !== undefined && { headers: { authorization: caller } }),
      body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: maxTokens, ...more },
      ...(signal && { signal }),
    })
}

/** A reply of an upstream that speaks as OpenAI does, whole or streamed as asked; it uses so many tokens and comes after `delay` milliseconds. */
export function answer(input = 10, output = 10, delay = 0) {
  return async (request: { json(): JsonObject }, response: ServerResponse): Promise<void> => {
    if (delay > 0) await sleep(delay)
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    const head = { id: 'c', created: 1, model: 'm' }
    if (request.json()['stream'] !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
      const body = { ...head, object: 'chat.completion', choices, usage }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const frame = (choices: unknown[], more: JsonObject = {}): string =>
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frame([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }]))
    response.write(frame([{ index: 0, delta: {}, finish_reason: 'stop' }]))
    response.write(frame([], { usage }))
    response.end('data: [DONE]\n\n')
  }
}
