/** A gateway with the plugin in front of one upstream, and a client that sends paths as they are. */
import { request as open } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { definePlugin } from '@sluice/core'
import type { Exchange, GatewayConfig, PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { httpProvider } from '@sluice/provider-kit'
import { passthrough } from '../../src/index.ts'

/** The provider's own headers: its credential, and what its operator configured. */
export const OWN = { authorization: 'Bearer upstream-key', 'x-tenant': 'ours' }

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Setting {
  gateway: TestGateway
  upstream: MockUpstream
  /** Exchanges that are over. */
  ends: Exchange[]
  send: (path: string, init?: Sent) => Promise<Reply>
  [Symbol.asyncDispose]: () => Promise<void>
}

type Sent = { method?: string; headers?: { [name: string]: string }; body?: string | Buffer }

export async function setUp(
  options: Parameters<typeof passthrough>[0] = {},
  more: { plugins?: PluginInstance[]; server?: GatewayConfig['server'] } = {},
): Promise<Setting> {
  const upstream = await mockUpstream()
  const ends: Exchange[] = []
  const vendor = definePlugin({
    name: 'vendor',
    version: '1.0.0',
    api: 1,
    setup({ addProvider, onClose, hooks }) {
      const baseUrl = `${upstream.url}/v1`
      const { provider, close } = httpProvider({ dialect: 'openai-chat', baseUrl, path: () => '/', headers: () => OWN })
      addProvider(provider)
      onClose(close)
      hooks.onComplete.tap('note', (exchange) => void ends.push(exchange))
    },
  })
  const gateway = await createTestGateway({
    ...(more.server && { server: more.server }),
    plugins: [openaiDialect(), anthropicDialect(), vendor(), echo(), passthrough(options), ...(more.plugins ?? [])],
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await upstream.close()
  }
  return { gateway, upstream, ends, send: (path, init) => send(gateway.url, path, init), [Symbol.asyncDispose]: close }
}

/** Unlike clients that take a URL, tidies nothing up. */
function send(url: string, path: string, { method, headers = {}, body }: Sent = {}): Promise<Reply> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const verb = method ?? (body === undefined ? 'GET' : 'POST')
    const request = open({ hostname, port, path, method: verb, headers, agent: false }, (incoming) => {
      const { statusCode: status = 0, headers } = incoming
      buffer(incoming).then((body) => resolve({ status, headers, body }), reject)
    })
    request.on('error', reject).end(body)
  })
}
