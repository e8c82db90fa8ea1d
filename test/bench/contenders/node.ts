/** The least that a gateway on Node can be: node:http and undici. */
import { createServer } from 'node:http'
import { call, Collector, Pipe, readBody, upstream } from './forward.ts'
import type { Inspected } from './forward.ts'

const server = createServer((request, response) => {
  void readBody(request).then((body) => {
    const { model, stream } = JSON.parse(body.toString()) as Inspected
    if (!model) return response.writeHead(400).end()
    const done = (status: number, type: string, reply: Buffer) =>
      response.writeHead(status, { 'content-type': type, 'content-length': reply.length }).end(reply)
    const failed = () => response.writeHead(502).end()
    upstream.dispatch(call(request.url ?? '', body), stream ? new Pipe(response) : new Collector(done, failed))
  })
})
server.listen(Number(process.env['PORT']), '127.0.0.1')
