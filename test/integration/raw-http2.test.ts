/** Bodies that pass unread, for clients that speak HTTP/2. */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:http2'
import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { hashing, setUpRaw, sha256 } from './support/raw.ts'
import type { RawSetting } from './support/raw.ts'

const MB = 1024 * 1024

async function ask(
  { gateway }: RawSetting,
  headers: { [name: string]: string },
  body?: Buffer,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const session = connect(gateway.url)
  const stream = session.request({ ':path': '/passthrough/up0/x', ...headers }, { endStream: body === undefined })
  let head: IncomingHttpHeaders & IncomingHttpStatusHeader = {}
  stream.on('response', (received) => void (head = received))
  if (body) stream.end(body)
  const answer = await buffer(stream)
  session.destroy()
  return { status: head[':status'] ?? 0, headers: head, body: answer }
}

test('a request without a body has none at the upstream either', async () => {
  await using setting = await setUpRaw()
  setting.upstream.answer(hashing)
  const reply = await ask(setting, { 'x-client': 'yes' })
  expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([200, { size: 0 }])
  const { headers, method } = setting.upstream.requests[0]!
  expect([method, headers['x-client'], headers['transfer-encoding']]).toEqual(['GET', 'yes', undefined])
})

test.each([100, 3 * MB])('a body of %i bytes passes, whether its length is announced or not', async (size) => {
  const body = randomBytes(size)
  for (const headers of [{}, { 'content-length': String(size) }]) {
    await using setting = await setUpRaw()
    setting.upstream.answer(hashing)
    const reply = await ask(setting, { ':method': 'POST', ...headers }, body)
    expect([reply.status, JSON.parse(reply.body.toString())]).toEqual([200, { size, sha256: sha256(body) }])
  }
})

test('a reply of any kind comes down', async () => {
  await using setting = await setUpRaw()
  const body = randomBytes(3 * MB)
  setting.upstream.answer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'audio/mpeg', connection: 'close', 'content-length': body.length })
      .end(body)
  })
  const reply = await ask(setting, {})
  expect([reply.status, reply.headers['content-type'], sha256(reply.body)]).toEqual([200, 'audio/mpeg', sha256(body)])
  setting.upstream.answer((_request, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('no'))
  expect(await ask(setting, {})).toMatchObject({ status: 404, body: Buffer.from('no') })
})
