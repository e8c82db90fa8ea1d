/** A real gateway on a free port, with its log in memory. */
import { Agent, request as open } from 'node:http'
import type { IncomingHttpHeaders, RequestOptions } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import type { GatewayConfig } from '../config.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import type { JsonObject } from '../model.ts'
import { parseObject } from './json.ts'
import { TestLog } from './test-log.ts'

export interface TestRequest {
  /** Default: POST with a body, else GET. */
  method?: string
  headers?: { [name: string]: string }
  /** An object is sent as JSON. */
  body?: JsonObject | string | Buffer
  signal?: AbortSignal
}

export interface TestReply {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The text, parsed. Throws if it is not a JSON object. */
  json(): JsonObject
}

export interface TestGateway {
  readonly gateway: Gateway
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly log: TestLog
  /** Sends a request and reads the whole reply. Rejects if the reply breaks off. */
  request(path: string, init?: TestRequest): Promise<TestReply>
  /** Ends the connections of `request` and closes the gateway. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestGatewayOptions {
  /** Where `env(…)` in the config looks. Default: the process's environment. */
  environment?: NodeJS.ProcessEnv
}

/**
 * Boots `config` and listens on the loopback, whatever host and port it names. Files of plugins are in a folder of
 * its own, unless the config names one.
 * @throws GatewayError as `createGateway` does
 */
export async function createTestGateway(config: GatewayConfig, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const log = new TestLog()
  const data = mkdtempSync(join(tmpdir(), 'sluice-'))
  const clear = (): void => rmSync(data, { recursive: true, force: true })
  const server = { data, ...config.server, host: '127.0.0.1', port: 0 }
  const gateway = await createGateway({ ...config, server }, { destination: log, ...options }).catch((error) => {
    clear()
    throw error
  })
  const { url } = await gateway.listen()
  const agent = new Agent({ keepAlive: true })
  const close = (): Promise<void> => {
    agent.destroy()
    return gateway.close().finally(clear)
  }

  return {
    gateway,
    url,
    log,
    request: (path, { method, headers = {}, body, signal } = {}) => {
      const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
      const bytes = raw ? body : JSON.stringify(body)
      const options = {
        agent,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: raw ? headers : { 'content-type': 'application/json', ...headers },
        ...(signal && { signal }),
      }
      return send(url + path, options, bytes)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function send(url: string, options: RequestOptions, body: string | Buffer | undefined): Promise<TestReply> {
  return new Promise((resolve, reject) => {
    const request = open(url, options, (reply) => {
      const status = reply.statusCode ?? 0
      readText(reply).then(
        (text) => resolve({ status, headers: reply.headers, text, json: () => parseObject(text) }),
        reject,
      )
    })
    request.on('error', reject).end(body)
  })
}
