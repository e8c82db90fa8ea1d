import { readFileSync } from 'node:fs'
import { body, createTestGateway, refusedUrl, testPlugin } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { fetchMedia } from '../src/index.ts'
import example from './example.config.ts'
import { openStage } from './stage.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const PIXELS = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff])
const image = (url: string) => ({ type: 'image_url', image_url: { url } })
const png = body(PIXELS, 'image/png')

testPlugin({ test, plugin: fetchMedia({ hosts: ['*'] }) })

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example, { environment: { BEDROCK_API_KEY: 'key-0123456789' } })
  expect(gateway.gateway.inspect().plugins.map(({ name }) => name)).toContain('transform-media')
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(fetchMedia.definition.version).toBe(version)
})

test.each([[[]], [['https://example.com']], [['']], [['a b']]])('does not boot with the hosts %j', async (hosts) => {
  await expect(createTestGateway({ plugins: [fetchMedia({ hosts })] })).rejects.toMatchObject({
    code: 'plugin_options',
  })
})

describe('an image by address', () => {
  test('goes to Bedrock as bytes', async () => {
    await using stage = await openStage()
    stage.server.reply(png)
    const reply = await stage.ask([{ type: 'text', text: 'What is it?' }, image(`${stage.server.url}/a.png?sig=1`)])
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('Seen.')])
    expect(stage.upstream.requests[0]!.json()).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { text: 'What is it?' },
            { image: { format: 'png', source: { bytes: PIXELS.toString('base64') } } },
          ],
        },
      ],
    })
  })

  test('is asked for with nothing of the client, over a connection of its own', async () => {
    await using stage = await openStage()
    stage.server.reply(png)
    await stage.gateway.request('/v1/chat/completions', {
      headers: { authorization: 'Bearer client-key', cookie: 'a=b' },
      body: { model: 'fast', messages: [{ role: 'user', content: [image(`${stage.server.url}/a.png?sig=1`)] }] },
    })
    const { path, method, headers } = stage.server.requests[0]!
    expect([method, path]).toEqual(['GET', '/a.png?sig=1'])
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
    expect(headers.connection).toBe('close')
  })

  test('goes to a provider that takes addresses as it came', async () => {
    await using stage = await openStage()
    const sent =
      '{ "model": "seer", "messages": [{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.test/x.png"}}]}] }'
    await stage.gateway.request('/v1/chat/completions', {
      headers: { 'content-type': 'application/json' },
      body: sent.replace('"seer"', '"vllm/seer"'),
    })
    expect(stage.upstream.requests[0]!.json()).toEqual(JSON.parse(sent))
    expect(stage.upstream.requests[0]!.body.toString()).toBe(sent)
    expect(stage.server.requests).toEqual([])
  })

  test('goes as bytes to all targets if one takes only those', async () => {
    await using stage = await openStage()
    stage.server.reply(png)
    await stage.ask([image(`${stage.server.url}/a.png`)], 'either')
    const url = `data:image/png;base64,${PIXELS.toString('base64')}`
    expect(stage.upstream.requests[0]!.json()).toMatchObject({ messages: [{ content: [{ image_url: { url } }] }] })
  })

  test('goes as bytes for the dialects that the operator names', async () => {
    await using stage = await openStage({ dialects: ['openai-chat'] })
    stage.server.reply(png)
    await stage.ask([image(`${stage.server.url}/a.png`)], 'vllm/seer')
    expect(stage.upstream.requests[0]!.body.toString()).toContain('data:image/png;base64,')
  })

  test('is refused as ever for a dialect that the operator does not name', async () => {
    await using stage = await openStage({ dialects: [] })
    expect((await stage.ask([image(`${stage.server.url}/a.png`)])).status).toBe(400)
    expect(stage.server.requests).toEqual([])
  })
})

test('several are fetched, and each stands in its place', async () => {
  await using stage = await openStage()
  const bytesOf = (path: string): Buffer => Buffer.from(`bytes of ${path}`)
  stage.server.reply((request, response) => body(bytesOf(request.path), 'image/jpeg')(request, response))
  const paths = Array.from({ length: 9 }, (_, index) => `/${index}.jpg`)
  await stage.ask(paths.map((path) => image(stage.server.url + path)))
  const { messages } = stage.upstream.requests[0]!.json() as { messages: [{ content: unknown[] }] }
  expect(messages[0].content).toEqual(
    paths.map((path) => ({ image: { format: 'jpeg', source: { bytes: bytesOf(path).toString('base64') } } })),
  )
})

describe('refused with a 400 that names the address and the reason:', () => {
  const hang: UpstreamReply = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'image/png' }).write('a')
  const status = (code: number, headers = {}): UpstreamReply => body('', 'image/png', { status: code, headers })
  const endless: UpstreamReply = (_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png' })
    response.write(Buffer.alloc(3000))
    response.end()
  }
  const cut: UpstreamReply = (_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': 100 })
    response.write('a', () => response.destroy())
  }

  test.each<[string, UpstreamReply, RegExp, object?]>([
    ['a redirect', status(302, { location: '/b.png?secret' }), /redirects to "http:\/\/127\.0\.0\.1:\d+\/b\.png", and/],
    ['a missing image', status(404), /answered with status 404\.$/],
    ['an announced size', body(Buffer.alloc(2000), 'image/png'), /may have 1024 bytes together/, { maxSize: '1kb' }],
    ['a size that shows', endless, /may have 1024 bytes together/, { maxSize: '1kb' }],
    ['slowness', hang, /took longer than 50 ms/, { timeout: '50ms' }],
    ['another type', body('<p>', 'text/html; charset=utf-8'), /of the type "text\/html", which is no image/],
    ['no type', body(PIXELS, 'application/octet-stream'), /does not say what type/],
    ['compression', body(PIXELS, 'image/png', { headers: { 'content-encoding': 'gzip' } }), /compressed/],
    ['an answer that breaks off', cut, /could not be reached, or broke off/],
  ])('%s', async (_, answer, reason, options = {}) => {
    await using stage = await openStage(options)
    stage.server.reply(answer)
    const { error } = await refused(stage, `${stage.server.url}/a.png?signature=s3cret`)
    expect(error).toMatchObject({ param: 'messages', type: 'invalid_request_error' })
    expect(error.message).toMatch(reason)
    expect(error.message).toContain(`"${stage.server.url}/a.png"`)
    expect(error.message).not.toContain('cret')
  })

  test.each([
    ['another host', 'https://example.com/a.png', /does not fetch from its host and port/],
    ['another port', 'http://127.0.0.1:1/a.png', /does not fetch from its host and port/],
    ['what is no address', 'https://', /no valid address/],
  ])('%s', async (_, url, reason) => {
    await using stage = await openStage()
    expect((await refused(stage, url)).error.message).toMatch(reason)
  })

  test('credentials', async () => {
    await using stage = await openStage()
    const { error } = await refused(stage, stage.server.url.replace('//', '//user:s3cret@'))
    expect(error.message).toMatch(/has credentials in it/)
    expect(error.message).not.toContain('s3cret')
  })

  test('a server that is down', async () => {
    const down = await refusedUrl()
    await using stage = await openStage({ hosts: [new URL(down).host] })
    expect((await refused(stage, `${down}/a.png`)).error.message).toMatch(/could not be reached/)
  })

  test.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1'])('a host that is not public, %s', async (host) => {
    await using stage = await openStage({}, 'public')
    const { error } = await refused(stage, `http://${host}:${new URL(stage.server.url).port}/a.png`)
    expect(error.message).toMatch(/not public/)
    expect(stage.server.sockets).toBe(0)
    expect(stage.server.requests).toEqual([])
  })

  test('too many', async () => {
    await using stage = await openStage({ maxParts: 2 })
    const url = `${stage.server.url}/a.png`
    const reply = await stage.ask([image(url), image(url), image(url)])
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('at most 2 are fetched')])
    expect(stage.server.requests).toEqual([])
  })

  test('a size that several reach together', async () => {
    await using stage = await openStage({ maxSize: '1kb' })
    stage.server.reply(body(Buffer.alloc(600), 'image/png'))
    const url = `${stage.server.url}/a.png`
    expect((await stage.ask([image(url)])).status).toBe(200)
    expect((await stage.ask([image(url), image(url)])).status).toBe(400)
  })

  async function refused(stage: Awaited<ReturnType<typeof openStage>>, url: string) {
    const reply = await stage.ask([image(url)])
    expect(reply.status).toBe(400)
    expect(stage.upstream.requests).toEqual([])
    return reply.json() as { error: { message: string } }
  }
})

test('a client that leaves ends the fetching', async () => {
  await using stage = await openStage()
  stage.server.reply(() => {})
  const client = new AbortController()
  const asked = stage.gateway.request('/v1/chat/completions', {
    body: { model: 'fast', messages: [{ role: 'user', content: [image(`${stage.server.url}/a.png`)] }] },
    signal: client.signal,
  })
  const fetching = await stage.server.request()
  client.abort()
  await expect(asked).rejects.toThrow()
  await fetching.closed
})
