/** Requests whose bodies pass unread: uploads, passthrough. Only their beginning is looked at, to know where they go. */
import type { IncomingMessage } from 'node:http'
import type { RawCodec, RawRequest, RawRoute, StreamCodec } from './dialect.ts'
import { GatewayError, invalidRequest } from './errors.ts'
import { tooLarge } from './http.ts'

/** Bytes that nobody reads: they pass as they come, and their end is a good one. */
export const BYTES: StreamCodec = {
  contentType: '',
  reader: () => ({ push: () => undefined, end: () => true }),
  skimmer: () => ({ push: () => undefined, end: () => true, share: 1 }),
  writer: () => ({ push: () => '', end: () => '' }),
  cutter: () => ({ push: (chunk) => chunk, end: () => undefined }),
  prober: () => () => 'ok',
}

export interface RawBody {
  route: RawRoute
  /** What had to be read to find the route. */
  head: Buffer
  /** What is still to come. */
  rest: AsyncIterable<Buffer> | undefined
}

/**
 * Reads no more of the body than `codec` needs to find its route.
 * @param limit bytes that the whole body may have @param timeout milliseconds for what is read here
 * @throws GatewayError `request_too_large`, `invalid_request`, `client_closed`
 */
export async function readRaw(
  message: IncomingMessage,
  request: RawRequest,
  codec: RawCodec,
  limit: number,
  timeout: number,
): Promise<RawBody> {
  const { 'content-length': length, 'transfer-encoding': coding } = message.headers
  if (Number(length ?? 0) > limit) throw tooLarge(limit)
  let whole = coding === undefined && Number(length ?? 0) === 0
  const chunks = bounded(message, limit)
  const timer = setTimeout(() => message.destroy(), timeout)
  try {
    const pieces: Buffer[] = []
    let size = 0
    // Looking again only when there is twice as much keeps the work in proportion to the body.
    for (let looked = 0; ;) {
      if (whole || size >= 2 * looked) {
        looked = Math.max(size, 1)
        const head = Buffer.concat(pieces)
        const route = codec.locate(request, head, whole)
        if (route) return { route, head, rest: whole ? undefined : chunks }
        if (whole) throw invalidRequest('The body does not say which model it is for.', 'model')
      }
      const next = await chunks.next()
      if (next.done) whole = true
      else size += pieces[pieces.push(next.value) - 1]!.length
    }
  } finally {
    clearTimeout(timer)
  }
}

async function* bounded(message: IncomingMessage, limit: number): AsyncGenerator<Buffer, undefined> {
  let size = 0
  try {
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw tooLarge(limit)
      yield chunk
    }
  } catch (error) {
    throw GatewayError.is(error)
      ? error
      : new GatewayError('client_closed', 'The client closed the connection while sending its request.')
  }
}
