/**
 * `Idempotency-Key`: a request that is sent again, because its sender did not hear the answer, is not done again.
 * Answers may hold what is shown once. They are kept sealed with the caller's own credential, which the gateway does
 * not keep; where there is none, only the id of what was made is kept.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { GatewayError, invalidRequest } from '@sluice/core'
import type { Exchange, JsonObject } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Sent } from './send.ts'

const COLLECTION = 'idempotency'
/** Milliseconds: of an answer, and of a request whose process may have died over it. */
const KEPT = 24 * 3_600_000
const PENDING = 60_000
/** Bytes of an answer that is kept. */
const SIZE = 256 * 1024
const REPLAYED = { 'idempotent-replayed': 'true' }

/** `request`: which one it was. `answer` is absent while it is being done. */
type Entry = { request: string; answer?: { status: number; headers: Sent['headers']; id?: string; sealed?: string } }

/**
 * Does `work`, unless the same caller had it done under this key. `again`: whether the answer is an earlier one.
 * @throws GatewayError `conflict` if the key was another request's, or that is still being done
 */
export async function once(
  store: Store,
  exchange: Exchange,
  work: () => Promise<Sent>,
): Promise<{ sent: Sent; again: boolean }> {
  const key = exchange.headers['idempotency-key']
  if (key === undefined) return { sent: await work(), again: false }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalidRequest('"idempotency-key" must be 1 to 255 visible ASCII characters.', 'idempotency-key')
  const id = createHash('sha256')
    .update(JSON.stringify([exchange.principal.id, key]))
    .digest('hex')
  const { method, path, search } = exchange.start
  const request = createHmac('sha256', key)
    .update(JSON.stringify([method, path, search]))
    .update(exchange.body)
    .digest('hex')

  const earlier = await claim(store, id, { request })
  if (earlier) return { sent: replay(earlier, request, exchange, key), again: true }
  let sent: Sent
  try {
    sent = await work()
  } catch (error) {
    await store.delete(COLLECTION, id).catch(() => undefined) // it goes by itself
    throw error
  }
  const answer = { status: sent.status, headers: sent.headers, ...kept(sent, exchange, key) }
  await store.put(COLLECTION, id, { request, answer }, { ttl: KEPT }).catch((err: unknown) => {
    exchange.log.warn({ err }, 'the answer to a request with an idempotency key could not be kept')
  })
  return { sent, again: false }
}

/** @returns what stands there already; undefined if the claim is ours */
async function claim(store: Store, id: string, entry: Entry): Promise<Entry | undefined> {
  try {
    await store.put(COLLECTION, id, entry, { ttl: PENDING, revision: 0 })
    return undefined
  } catch (error) {
    if (!GatewayError.is(error) || error.code !== 'conflict') throw error
    return ((await store.get(COLLECTION, id)) as Entry | undefined) ?? entry
  }
}

function replay({ request, answer }: Entry, asked: string, exchange: Exchange, key: string): Sent {
  if (request !== asked)
    throw new GatewayError('conflict', 'This idempotency key was used for another request. Use a new one.')
  if (!answer) throw new GatewayError('conflict', 'This request is still being done. Ask again.', { retryAfter: 1 })
  const { status, headers, id, sealed } = answer
  const body = sealed === undefined ? undefined : unseal(sealed, exchange, key)
  const marker: JsonObject | undefined =
    status === 204 ? undefined : { ...(id !== undefined && { id }), replayed: true }
  return { status, headers: { ...headers, ...REPLAYED }, body: body ?? marker }
}

/** What is kept of an answer. */
function kept({ body }: Sent, exchange: Exchange, key: string): { id?: string; sealed?: string } {
  if (body === undefined || Buffer.isBuffer(body)) return {}
  const id = typeof body === 'object' && typeof body['id'] === 'string' ? { id: body['id'] } : {}
  const text = Buffer.from(JSON.stringify(body))
  const credential = credentialOf(exchange)
  if (credential === '' || text.length > SIZE) return id
  const salt = randomBytes(16)
  const cipher = createCipheriv('aes-256-gcm', ...keyOf(credential, key, salt))
  const sealed = Buffer.concat([salt, cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return { ...id, sealed: sealed.toString('base64') }
}

/** Undefined if it was sealed with another credential. */
function unseal(sealed: string, exchange: Exchange, key: string): JsonObject | string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const [salt, text, tag] = [bytes.subarray(0, 16), bytes.subarray(16, -16), bytes.subarray(-16)]
  const decipher = createDecipheriv('aes-256-gcm', ...keyOf(credentialOf(exchange), key, salt)).setAuthTag(tag)
  try {
    return JSON.parse(Buffer.concat([decipher.update(text), decipher.final()]).toString()) as JsonObject | string
  } catch {
    return undefined
  }
}

/** Key and nonce: the salt makes both new for each answer. */
function keyOf(credential: string, key: string, salt: Buffer): [key: Buffer, nonce: Buffer] {
  const bytes = Buffer.from(hkdfSync('sha256', `${credential}\n${key}`, salt, 'sluice idempotency', 44))
  return [bytes.subarray(0, 32), bytes.subarray(32)]
}

function credentialOf({ headers, start }: Exchange): string {
  const shown = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'].map((name) => headers[name])
  return [...shown, new URLSearchParams(start.search).get('key')].filter(Boolean).join('\n')
}
