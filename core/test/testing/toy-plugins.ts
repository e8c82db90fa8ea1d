/** The toy dialect as a plugin, and a provider that speaks it. */
import { request as open } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { definePlugin, GatewayError, Type } from '../../src/index.ts'
import type { PluginFactory, WireProvider, WireReply, WireRequest, WireStream } from '../../src/index.ts'
import type { ProviderOptions } from '../../src/testing/index.ts'
import { toyDialect } from './toy-dialect.ts'
import { toyStream } from './toy-stream.ts'

export const dialectToy = definePlugin({
  name: 'dialect-toy',
  version: '1.0.0',
  api: 1,
  setup: (context) => context.addDialect(toyDialect),
})

/** What a broken provider may do otherwise. */
export interface ToyWays {
  path: (stream: boolean) => string
  headers: (options: ProviderOptions) => { [name: string]: string }
  base: (baseUrl: string) => string
}

const RIGHT: ToyWays = {
  path: (stream) => (stream ? '/stream' : '/whole'),
  headers: ({ headers, apiKey }) => ({ ...headers, 'x-toy-key': apiKey }),
  base: (baseUrl) => baseUrl.replace(/\/$/, ''),
}

const optionsSchema = Type.Object(
  {
    apiKey: Type.String({ description: 'Credential.' }),
    baseUrl: Type.String({ description: 'Address.' }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Fixed headers.' })),
  },
  { additionalProperties: false },
)

export function providerToy(ways: Partial<ToyWays> = {}): PluginFactory<typeof optionsSchema> {
  return definePlugin({
    name: 'provider-toy',
    version: '1.0.0',
    api: 1,
    options: optionsSchema,
    setup: (context) => context.addProvider(wire(context.options, { ...RIGHT, ...ways })),
  })
}

function wire(options: ProviderOptions, { path, headers, base }: ToyWays): WireProvider {
  const send = (request: WireRequest): ReturnType<WireProvider['send']> => {
    const reply = Promise.withResolvers<WireReply>()
    const url = base(options.baseUrl) + path(request.stream)
    const sent = { 'content-type': 'application/json', ...headers(options), ...request.headers }
    const outgoing = open(url, { method: 'POST', headers: sent }, (incoming) => {
      const { statusCode: status = 0, headers: received } = incoming
      if (received['content-type'] === toyStream.contentType) {
        reply.resolve({ status, headers: received, stream: streamOf(incoming) })
      } else buffer(incoming).then((body) => reply.resolve({ status, headers: received, body }), reply.reject)
    })
    outgoing.on('error', () => reply.reject(new GatewayError('upstream_error', 'The toy cannot be reached.')))
    outgoing.end(request.body)
    return { reply: reply.promise, abort: (reason) => reply.reject(reason) }
  }
  return { kind: 'wire', dialect: 'toy', address: options.baseUrl, send }
}

function streamOf(incoming: IncomingMessage): WireStream {
  return {
    attach: (consumer) =>
      void incoming
        .on('data', (chunk: Buffer) => consumer.onChunk(chunk))
        .on('end', () => consumer.onEnd())
        .on('error', (cause) => consumer.onError(new GatewayError('upstream_error', 'The toy broke off.', { cause }))),
    pause: () => void incoming.pause(),
    resume: () => void incoming.resume(),
    abort: () => void incoming.destroy(),
  }
}
