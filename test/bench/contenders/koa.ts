/** The least that a gateway on Koa can be: Koa, its router and undici. The baseline of most targets. */
import Router from '@koa/router'
import Koa from 'koa'
import { pathTo } from '../wires.ts'
import { call, Collector, Pipe, readBody, upstream } from './forward.ts'
import type { Inspected } from './forward.ts'

const app = new Koa()
const router = new Router()
router.post(pathTo('openai-chat', '', false), async (context) => {
  const body = await readBody(context.req)
  const { model, stream } = JSON.parse(body.toString()) as Inspected
  if (!model) return context.throw(400)
  const options = call(context.path, body)
  if (stream) {
    context.respond = false
    upstream.dispatch(options, new Pipe(context.res))
    return
  }
  await new Promise<void>((resolve, reject) => {
    const done = (status: number, type: string, reply: Buffer) => {
      context.status = status
      context.set('content-type', type)
      context.body = reply
      resolve()
    }
    upstream.dispatch(options, new Collector(done, reject))
  })
})
app.use(router.routes())
app.listen(Number(process.env['PORT']), '127.0.0.1')
