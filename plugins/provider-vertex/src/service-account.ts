/** Tokens for a service account (https://developers.google.com/identity/protocols/oauth2/service-account). */
import { readFile } from 'node:fs/promises'
import { oauthToken } from '@sluice/provider-kit'
import type { Token } from '@sluice/provider-kit'
import { importPKCS8, SignJWT } from 'jose'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

type Fields = { readonly [field: string]: unknown }

/**
 * What fetches tokens for the account.
 * @param credentials path of the key file, its JSON, or what that says
 * @throws Error if it is no key of a service account
 */
export async function serviceAccount(credentials: string | Fields): Promise<() => Promise<Token>> {
  const fields = typeof credentials === 'string' ? await read(credentials) : credentials
  const { client_email: email, private_key: pem, private_key_id: keyId, token_uri: url = TOKEN_URL } = fields
  if (typeof email !== 'string' || typeof pem !== 'string' || typeof url !== 'string')
    throw new Error('credentials is no key of a service account: it needs client_email and private_key')
  // Out of an environment variable, line ends may come escaped.
  const key = await importPKCS8(pem.replaceAll('\\n', '\n'), 'RS256').catch(() => {
    throw new Error('credentials.private_key is no private key in PEM (PKCS #8)')
  })
  const header = { alg: 'RS256', typ: 'JWT', ...(typeof keyId === 'string' && { kid: keyId }) }
  return async () => {
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader(header)
      .setIssuer(email)
      .setSubject(email)
      .setAudience(url)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key)
    return oauthToken({ issuer: 'Google', url, form: { grant_type: GRANT, assertion } })
  }
}

async function read(credentials: string): Promise<Fields> {
  const isJson = credentials.trimStart().startsWith('{')
  const text = isJson
    ? credentials
    : await readFile(credentials, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new Error(`credentials: the file ${credentials} cannot be read (${error.code})`)
      })
  try {
    return (JSON.parse(text) ?? {}) as Fields
  } catch {
    throw new Error('credentials is not JSON')
  }
}
