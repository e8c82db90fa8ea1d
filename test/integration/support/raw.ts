/** A gateway for bodies that pass unread: a small dialect with uploads and files, its upstreams, and clients that send in pieces. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as open } from 'node:http'
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { definePlugin, GatewayError, invalidRequest } from '@sluice/core'
import type { Dialect, GatewayConfig, PluginInstance, Timeouts } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { httpProvider } from '@sluice/provider-kit'
import { passthrough } from '@sluice/route-passthrough'
import { Ends } from './setting.ts'

const MODEL = /name="model"\r\n\r\n([^\r]*)\r\n/

/** Uploads name their model in a field of the form; files are named `provider-id`. */
const uploads: Dialect = {
  name: 'uploads',
  codecs: {},
  raw: {
    transcription: {
      locate(_request, head) {
        const model = MODEL.exec(head.toString('latin1'))?.[1]
        if (model === undefined) return undefined
        return {
          model,
          path: '/transcriptions',
          withModel: (bytes, name) =>
            Buffer.from(bytes.toString('latin1').replace(`\r\n\r\n${model}\r\n`, `\r\n\r\n${name}\r\n`), 'latin1'),
        }
      },
    },
    files: {
      locate({ params: { id = '' } }) {
        const [provider, file] = id.split('-')
        if (!file) throw invalidRequest('No such file.', 'id')
        return { model: `${provider}/files`, path: `/files/${file}` }
      },
      reply: (body, provider) => ({ ...body, id: `${provider}-${String(body['id'])}` }),
    },
  },
  endpoints: [
    { method: 'POST', path: '/transcriptions', operation: 'transcription' },
    { method: 'GET', path: '/files/:id', operation: 'files' },
  ],
  requestHeaders: ['x-client'],
  replyHeaders: ['x-upstream'],
  encodeError: ({ code, message }) => ({ error: { code, message } }),
  encodeStreamError: () => assert.fail('nothing is said within bytes'),
  decodeError: (status) =>
    new GatewayError('upstream_error', `The upstream answered with ${status}.`, { status, upstream: { status } }),
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

/** An upstream that answers as soon as the headers are there. */
export interface Loopback {
  url: string
  /** From now on. */
  answer: (answer: Answer) => void
  requests: IncomingMessage[]
  /** The request that arrives as number `index`, from 0. */
  at: (index?: number) => Promise<IncomingMessage>
}

async function loopback(): Promise<Loopback & { close: () => Promise<void> }> {
  let current: Answer = (_request, response) => response.writeHead(500).end()
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    requests.push(request)
    server.emit('arrival')
    current(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (answer) => void (current = answer),
    requests,
    async at(index = 0) {
      while (requests.length <= index) await once(server, 'arrival')
      return requests[index]!
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface RawSetting {
  gateway: TestGateway
  upstreams: readonly Loopback[]
  upstream: Loopback
  ends: Ends
  /** Opens a request whose body is still to be written. */
  open: (path: string, headers?: OutgoingHttpHeaders, method?: string) => Upload
  [Symbol.asyncDispose]: () => Promise<void>
}

export interface RawOptions {
  /** Targets of the model `m`: `up0/one`, `up1/two`. */
  targets?: number
  timeouts?: Partial<Timeouts>
  /** Where the first target is, in place of its upstream. */
  url?: string
  server?: GatewayConfig['server']
  plugins?: readonly PluginInstance[]
}

/** Every exchange completes exactly once, or the disposal rejects. */
export async function setUpRaw(options: RawOptions = {}): Promise<RawSetting> {
  const { targets = 1, timeouts = {}, server = {}, plugins = [], url } = options
  const upstreams = await Promise.all(Array.from({ length: targets }, loopback))
  const ends = new Ends()
  const dialect = definePlugin({
    name: 'uploads',
    version: '1.0.0',
    api: 1,
    setup: ({ addDialect }) => addDialect(uploads),
  })
  const providers = upstreams.map((upstream, index) => {
    const baseUrl = (index === 0 && url) || upstream.url
    const headers = (): { [name: string]: string } => ({ authorization: 'Bearer upstream-key' })
    return definePlugin({
      name: 'provider-uploads',
      version: '1.0.0',
      api: 1,
      setup({ addProvider, onClose }) {
        const { provider, close } = httpProvider({
          dialect: 'uploads',
          also: ['openai-chat'],
          baseUrl,
          path: () => '/',
          headers,
          timeouts,
        })
        addProvider(provider)
        onClose(close)
      },
    })({}, { id: `up${index}` })
  })
  const gateway = await createTestGateway({
    server,
    models: { m: { targets: ['up0/one', 'up1/two'].slice(0, targets) } },
    plugins: [openaiDialect(), anthropicDialect(), dialect(), passthrough(), ...providers, ...plugins, ends.plugin],
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await Promise.all(upstreams.map((upstream) => upstream.close()))
    const ids = ends.all.map(({ id }) => id)
    assert.deepEqual(ids, [...new Set(ids)], 'an exchange completed twice')
  }
  return {
    gateway,
    upstreams,
    upstream: upstreams[0]!,
    ends,
    open: (path, headers, method) => new Upload(gateway.url + path, headers, method),
    [Symbol.asyncDispose]: close,
  }
}

/** Settles when the connection has taken the piece, or is gone. */
export async function write(to: Writable, piece: string | Buffer): Promise<void> {
  if (to.destroyed || to.write(piece)) return
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      to.off('drain', settle).off('close', settle)
      resolve()
    }
    to.on('drain', settle).on('close', settle)
  })
}

/** A client that sends its body piece by piece. */
export class Upload {
  readonly request: ClientRequest
  readonly #reply: Promise<IncomingMessage>

  constructor(url: string, headers: OutgoingHttpHeaders = {}, method = 'POST') {
    this.request = open(url, { method, agent: false, headers })
    this.#reply = new Promise((resolve, reject) => this.request.on('response', resolve).on('error', reject))
    this.#reply.catch(() => undefined)
    this.request.flushHeaders()
  }

  write(piece: string | Buffer): Promise<void> {
    return write(this.request, piece)
  }

  end(piece?: string | Buffer): this {
    this.request.end(piece)
    return this
  }

  leave(): void {
    this.request.destroy()
  }

  /** Head of the reply; its body is read by whoever wants it. */
  head(): Promise<IncomingMessage> {
    return this.#reply
  }

  /** Rejects if the reply breaks off. */
  async reply(): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    const incoming = await this.#reply
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await buffer(incoming) }
  }
}

const BOUNDARY = '----form'
export const FORM = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
const part = (head: string): string => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`

/** A form with a model and a file of `bytes` random bytes, whichever is first. */
export function form(
  model: string,
  bytes: number,
  first: 'model' | 'file' = 'model',
): { head: Buffer; file: Buffer; tail: Buffer; whole: (model: string) => Buffer } {
  const file = randomBytes(bytes)
  const field = (name: string): string => `${part('name="model"')}${name}\r\n`
  const fileHead = part('name="file"; filename="a.mp3"')
  const around = (name: string): [Buffer, Buffer] => {
    const [before, after] = first === 'model' ? [field(name) + fileHead, ''] : [fileHead, `\r\n${field(name)}`.slice(2)]
    return [Buffer.from(before), Buffer.from(`\r\n${after}--${BOUNDARY}--\r\n`)]
  }
  const [head, tail] = around(model)
  return { head, file, tail, whole: (name) => Buffer.concat([around(name)[0], file, around(name)[1]]) }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Answers with what the request's body hashes to, when it has all come. */
export const hashing: Answer = (request, response) => {
  const hash = createHash('sha256')
  let size = 0
  request
    .on('data', (chunk: Buffer) => {
      size += chunk.length
      hash.update(chunk)
    })
    .on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ size, sha256: hash.digest('hex') }))
    })
}
