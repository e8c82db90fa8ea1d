/** Asks for an OAuth 2.0 access token (RFC 6749, sections 4 and 5). Rare, small and bounded. */
import type { Token } from './token-cache.ts'

/** Milliseconds until an answer must be there, and the bytes it may have. */
const TIMEOUT = 10_000
const LIMIT = 64 * 1024

export interface TokenRequest {
  /** Who gives the token, for messages. */
  issuer: string
  url: string
  headers?: { [name: string]: string }
  /** Form fields to POST; a GET without them. */
  form?: { [field: string]: string }
}

/** @throws Error that says why there is no token, and never what was sent */
export async function oauthToken({ issuer, url, headers = {}, form }: TokenRequest): Promise<Token> {
  const reply = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers,
    body: form ? new URLSearchParams(form) : null,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT),
  })
  const body = parsed(await textOf(reply, issuer))
  const { access_token: value, error, error_description: why } = body
  const lifetime = Number(body.expires_in)
  if (reply.ok && typeof value === 'string' && value !== '' && lifetime > 0) return { value, lifetime }
  const words = [error, why].filter((each) => typeof each === 'string').join(': ')
  throw new Error(`${issuer} gave no token (status ${reply.status})${words && `: ${words}`}`)
}

async function textOf({ body }: Response, issuer: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > LIMIT) throw new Error(`${issuer} answered with more than ${LIMIT} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): { [field: string]: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { [field: string]: unknown }
  } catch {
    return {}
  }
}
