import { invalidRequest } from '@sluice/core'
import type { OutgoingRequest } from '@sluice/provider-kit'
import { createHash } from 'node:crypto'
import type { CredentialSource } from './credentials/credentials.ts'
import { amzDate, authorization } from './sign.ts'
import type { Scope } from './sign.ts'

/** Bytes of a body that are hashed at once; larger ones go to another thread, as the loop would stand still. */
const AT_ONCE = 128 * 1024

type Headers = { readonly [name: string]: string }

/** Finds the headers that sign a request, with whatever credentials hold now. */
export function signer(scope: Scope, source: CredentialSource): (request: OutgoingRequest) => Promise<Headers> {
  return async ({ method, host, path, body }) => {
    if (!Buffer.isBuffer(body))
      throw invalidRequest('Requests to Bedrock are signed, which takes the whole body: this one passes in pieces.')
    const [credentials, bodyHash] = await Promise.all([source(), hashOf(body)])
    const { sessionToken } = credentials
    const headers = {
      'x-amz-date': amzDate(new Date()),
      'x-amz-content-sha256': bodyHash,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    }
    const signed = { method, path, headers: { host, ...headers }, bodyHash }
    return { ...headers, authorization: authorization(signed, scope, credentials) }
  }
}

async function hashOf(body: Buffer): Promise<string> {
  if (body.length <= AT_ONCE) return createHash('sha256').update(body).digest('hex')
  return Buffer.from(await crypto.subtle.digest('SHA-256', body as Uint8Array<ArrayBuffer>)).toString('hex')
}
