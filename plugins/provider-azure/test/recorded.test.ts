import type { StreamPart } from '@sluice/core'
import { createTestGateway, mockUpstream, recordedCases, replayCase } from '@sluice/core/testing'
import { openaiChat, openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { azure } from '../src/index.ts'

const cases = recordedCases({ providers: ['azure'], endpoints: ['chat.completions'] })
const messages = [{ role: 'user', content: 'Hello' }]

describe('recorded traffic', () => {
  test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s passes as it came',
    async (_, recorded) => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded, { chunk: 'frame' }))
      const { pathname, searchParams, search } = new URL(recorded.meta.url.replace('RESOURCE', 'r'))
      const apiVersion = searchParams.get('api-version')
      const options = apiVersion === null ? {} : { apiVersion }
      const plugin = azure({ apiKey: 'azure-key-0123456789', baseUrl: upstream.url, ...options })
      await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
      const body = { messages, ...recorded.request, model: `azure/${recorded.meta.model}` }
      const reply = await gateway.request('/v1/chat/completions', { body })

      const { path, ...request } = await upstream.request()
      // One was made on another API of the resource, and of one the version was not recorded.
      if (pathname.startsWith('/openai') && (apiVersion !== null || pathname.includes('/v1/')))
        expect(path).toBe(pathname + search)
      expect(JSON.parse(request.body.toString())).toEqual({ messages, ...recorded.request, model: recorded.meta.model })
      if (recorded.status === 401) return expect(reply.status).toBe(502)
      expect(reply.status).toBe(recorded.status)
      if (recorded.stream) expect(reply.text).toBe(recorded.stream.toString())
      else expect(reply.json()).toEqual(recorded.response)
    },
  )

  const streams = cases.filter(({ stream }) => stream !== undefined)
  test.each(streams.map((recorded) => [recorded.name, recorded.stream!] as const))(
    '%s begins with id and model, whatever its first frame says, and keeps what the filters found',
    (_, stream) => {
      const parts: StreamPart[] = []
      const reader = openaiChat.codecs.chat!.stream.reader()
      reader.push(stream, parts)
      expect(reader.end(parts)).toBe(true)
      const start = parts[0]!
      expect(start).toMatchObject({
        type: 'start',
        id: expect.stringMatching(/^chatcmpl-/),
        model: expect.stringMatching(/^gpt/),
      })
      expect(start).toMatchObject({ extensions: { 'openai-chat': { prompt_filter_results: [{ prompt_index: 0 }] } } })
      const writer = openaiChat.codecs.chat!.stream.writer({
        id: 'x',
        model: 'm',
        request: openaiChat.codecs.chat!.decodeRequest({ model: 'm', messages, stream: true }),
      })
      const again = parts.map((part) => String(writer.push(part))).join('')
      const filters = (text: string): number => text.split('"content_filter_results":{"hate"').length
      expect(filters(again)).toBe(filters(stream.toString()))
    },
  )

  test('a prompt that the filter stopped is the client’s affair, filter results and all', async () => {
    for (const recorded of cases.filter(({ meta }) => meta.kind.includes('content-filter'))) {
      const error = openaiChat.decodeError(recorded.status, {}, recorded.response)
      expect(error).toMatchObject({ code: 'content_blocked', status: 400, param: 'prompt' })
      expect(openaiChat.encodeError(error, 'x')).toEqual(recorded.response)
    }
  })
})
