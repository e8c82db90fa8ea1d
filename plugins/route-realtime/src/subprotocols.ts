/** What browsers, which cannot set headers, put into the list of subprotocols (https://platform.openai.com/docs/guides/realtime-websocket). */
import type { IncomingHttpHeaders } from 'node:http'

const KEY = 'openai-insecure-api-key.'
/** What names an account belongs to the provider's credential, which is the gateway's. */
const ACCOUNT = ['openai-organization.', 'openai-project.']

/** Moves the key to where it is looked for, and leaves no more of the list than may go up. A key in the headers counts. */
export function withoutCredential(headers: IncomingHttpHeaders): void {
  const protocols = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim()) ?? []
  const key = protocols.find((protocol) => protocol.startsWith(KEY))?.slice(KEY.length)
  if (key) headers.authorization ??= `Bearer ${key}`
  const kept = protocols.filter((protocol) => ![KEY, ...ACCOUNT].some((prefix) => protocol.startsWith(prefix)))
  if (kept.length > 0) headers['sec-websocket-protocol'] = kept.join(', ')
  else delete headers['sec-websocket-protocol']
}
