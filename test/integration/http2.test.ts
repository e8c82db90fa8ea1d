import { once } from 'node:events'
import { connect } from 'node:http2'
import { definePlugin } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { describe, expect, test } from 'vitest'

/** One request over its own connection without TLS. */
async function ask(url: string, stream: boolean, model = 'echo/echo'): Promise<{ status: number; text: string }> {
  const session = connect(url)
  const request = session.request({ ':method': 'POST', ':path': '/v1/chat/completions' })
  request.end(JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hello there' }] }))
  request.setEncoding('utf8')
  const [headers] = (await once(request, 'response')) as [{ ':status': number }]
  let text = ''
  for await (const chunk of request) text += String(chunk)
  session.close()
  return { status: headers[':status'], text }
}

describe('a client that opens with HTTP/2', () => {
  test.each([false, true])('is served on the same port, stream %s', async (stream) => {
    const seen: string[] = []
    const watch = definePlugin({
      name: 'log-test',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) => hooks.onComplete.tap('see', ({ start, outcome }) => void seen.push(start.ip, outcome!)),
    })
    await using gateway = await createTestGateway({ plugins: [openaiDialect(), echo(), watch()] })
    const { status, text } = await ask(gateway.url, stream)
    expect(status).toBe(200)
    expect(text).toContain('hello')
    expect(text.includes('[DONE]')).toBe(stream)
    await expect.poll(() => seen).toEqual([expect.stringContaining('127.0.0.1'), 'ok'])
  })

  test('is told of its mistakes', async () => {
    await using gateway = await createTestGateway({ plugins: [openaiDialect(), echo()] })
    const { status, text } = await ask(gateway.url, false, 'nobody/nothing')
    expect([status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([404, 'model_not_found'])
  })

  test('does not hold the gateway open when it is idle', async () => {
    const gateway = await createTestGateway({ plugins: [openaiDialect(), echo()] })
    const session = connect(gateway.url)
    const request = session.request({ ':path': '/health/live' }).resume()
    await once(request, 'end')
    const closed = once(session, 'close')
    await gateway[Symbol.asyncDispose]()
    await closed
  })
})
