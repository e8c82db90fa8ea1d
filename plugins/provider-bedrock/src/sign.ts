/** Signature Version 4 of AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
import { createHash, createHmac } from 'node:crypto'
import type { Credentials } from './credentials/credentials.ts'

/** What is signed. `path` with its query, as it is sent; header names in lower case. */
export interface Signable {
  method: string
  path: string
  headers: { readonly [name: string]: string }
  /** SHA-256 of the body, in hex. */
  bodyHash: string
}

/** Where a signature holds. */
export interface Scope {
  region: string
  service: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()

/** The moment as AWS writes it: `20260102T030405Z`. */
export function amzDate(now: Date): string {
  return now.toISOString().replaceAll(/[:-]|\.\d{3}/g, '')
}

/** Percent-encoding as AWS wants it: more than `encodeURIComponent` does. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * The `authorization` header. Everything in `headers` is signed; `x-amz-date` and `host` must be there.
 */
export function authorization(request: Signable, { region, service }: Scope, credentials: Credentials): string {
  const { method, path, headers, bodyHash } = request
  const date = headers['x-amz-date']!
  const day = date.slice(0, 8)
  const names = Object.keys(headers).sort()
  const signed = names.join(';')
  const [pathname = '', query = ''] = path.split('?', 2)
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replaceAll(/\s+/g, ' ')}\n`)
  const canonical = [method, canonicalPath(pathname), canonicalQuery(query), lines.join(''), signed, bodyHash].join(
    '\n',
  )
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = [ALGORITHM, date, scope, sha256(canonical)].join('\n')
  const key = signingKey(credentials.secretAccessKey, day, region, service)
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
}

function signingKey(secret: string, day: string, region: string, service: string): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request')
}

/** Each segment is encoded once more than it was sent: all services but S3 want it so. */
function canonicalPath(path: string): string {
  return path.split('/').map(uriEncode).join('/') || '/'
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`))
  return pairs.sort(byCode).join('&')
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
