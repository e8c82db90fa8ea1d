import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { acceptHttp2 } from '../src/http2.ts'

test('a reply over HTTP/2 may take longer than a request of HTTP/1', async () => {
  const server = createServer({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 })
  const http2 = acceptHttp2(server, (_request, response) => {
    response.write('begun, ')
    setTimeout(() => response.end('done'), 200)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(await text(client.request({ ':path': '/' }))).toBe('begun, done')
  client.destroy()
  http2.destroy()
  server.close()
})
