/** A plausible request for anything that is mounted, and a record of what requests reached. */
import { request as open } from 'node:http'
import { definePlugin } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import type { Mounted } from './house.ts'

/** A model with a target at the upstream. */
export const MODEL = 'm'

/** What the parameters of paths may be. */
const PARAMS: { readonly [name: string]: string } = {
  provider: 'openai',
  path: 'models',
  model: MODEL,
  deployment: MODEL,
  id: 'thing-1',
}

const TEXTS = ['Hi']
/** Something of everything that dialects ask for. */
const BODY = {
  model: MODEL,
  max_tokens: 8,
  messages: [{ role: 'user', content: 'Hi' }],
  prompt: 'Hi',
  input: 'Hi',
  voice: 'alloy',
  query: 'Hi',
  documents: TEXTS,
  texts: TEXTS,
  input_type: 'search_query',
  embedding_types: ['float'],
  contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
  content: { parts: [{ text: 'Hi' }] },
  requests: [{ content: { parts: [{ text: 'Hi' }] } }],
}
/** What is another thing in other dialects. */
const OWN: { readonly [dialect: string]: object } = {
  bedrock: { input: { converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] } } },
}
const FORM = [
  `--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n${MODEL}\r\n`,
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nHi\r\n--b--\r\n',
].join('')
const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

type Headers = { readonly [name: string]: string }
export type Knock = { method: string; path: string; headers: Headers; body: string | undefined }

/** What marks clients of a dialect that shares its paths with others. */
const MARKS: { readonly [dialect: string]: Headers } = {
  anthropic: { 'anthropic-version': '2023-06-01' },
  gemini: { 'x-goog-api-client': 'genai-js/1' },
  cohere: { 'x-fern-sdk-name': 'cohere-ai' },
}
const isForm = ({ dialect }: Mounted): boolean => dialect === 'openai-images' || dialect === 'openai-audio'

export function concrete(path: string): string {
  return path
    .replace(/\{?(?<!\\)[:*](\w+)\}?/g, (_, name: string) => PARAMS[name] ?? `unknown parameter ${name}`)
    .replaceAll('\\', '')
}

export function knockOn(mounted: Mounted): Knock {
  const { method, operation, dialect } = mounted
  const query =
    operation === 'realtime' ? `?model=${MODEL}` : dialect === 'gemini' && method === 'POST' ? '?alt=sse' : ''
  const path = concrete(mounted.path) + query
  const marks = MARKS[dialect] ?? {}
  if (operation === 'realtime') return { method, path, headers: { ...marks, ...WEBSOCKET }, body: undefined }
  if (method === 'GET' || method === 'DELETE') return { method, path, headers: marks, body: undefined }
  const type = isForm(mounted) ? 'multipart/form-data; boundary=b' : 'application/json'
  return {
    method,
    path,
    headers: { ...marks, 'content-type': type },
    body: isForm(mounted) ? FORM : JSON.stringify({ ...BODY, ...OWN[dialect] }),
  }
}

/** Sends it on a connection of its own. @returns the status, also that of an upgrade */
export function knock(url: string, { method, path, headers, body }: Knock, more: Headers = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = open(url + path, { method, agent: false, headers: { ...headers, ...length, ...more } })
    request.on('response', (reply) => {
      reply.on('error', reject).resume()
      reply.on('end', () => resolve(reply.statusCode!))
    })
    request.on('upgrade', (reply, socket) => {
      socket.destroy()
      resolve(reply.statusCode!)
    })
    request.on('error', reject).end(body)
  })
}

/** Notes what requests reached, as `dialect METHOD /path`; operators' routes are of the dialect `gateway`. */
export class Visits {
  readonly all = new Set<string>()
  readonly plugin: PluginInstance = definePlugin({
    name: 'test-visits',
    version: '1.0.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.onRequest.tap({ name: 'note', stage: 'first' }, ({ dialect, start }) => {
        this.all.add(`${dialect.name} ${start.method} ${start.endpoint.path}`)
      }),
  })()
}
