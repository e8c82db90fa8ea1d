/** Sends bytes as they are and reads the reply's bytes as they are. */
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'undici'
import { PATHS } from './api.ts'
import type { Api } from './api.ts'
import { CLIENT_KEY } from './stage.ts'

export interface RawReply {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

const HEADERS = {
  openai: { 'content-type': 'application/json', authorization: `Bearer ${CLIENT_KEY}` },
  anthropic: { 'content-type': 'application/json', 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
}

/** Posts `body` as a client of `api` does. */
export async function send(url: string, api: Api, body: Buffer | object): Promise<RawReply> {
  const bytes = Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const reply = await request(url + PATHS[api], { method: 'POST', headers: HEADERS[api], body: bytes })
  return { status: reply.statusCode, headers: reply.headers, body: Buffer.from(await reply.body.arrayBuffer()) }
}
