/** Where a database server is: its url and its TLS, as operators write them. */
import { readFileSync } from 'node:fs'
import { checkServerIdentity } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { describe, GatewayError, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

/** Schema of what is special about the TLS to a server. */
export const ServerTls = Type.Object(
  {
    ca: Type.Optional(
      Type.String({ description: 'Who signs its certificate: PEM text, or the file with it. Default: public ones.' }),
    ),
    cert: Type.Optional(Type.String({ description: 'Certificate to show: PEM text, or the file with it.' })),
    key: Type.Optional(Type.String({ description: 'Private key of `cert`: PEM text, or the file with it.' })),
    serverName: Type.Optional(Type.String({ description: 'Name in its certificate, if not the host of the url.' })),
    verify: Type.Optional(
      Type.Boolean({ default: true, description: 'False takes any certificate, also that of an impostor.' }),
    ),
  },
  { additionalProperties: false, description: 'What is special about the TLS to it.' },
)
export type ServerTls = Static<typeof ServerTls>

/**
 * `text` as a url of one of `schemes`, with `password` in it if that is given.
 * @throws GatewayError `config_invalid`, which never holds `text`: there may be a password in it
 */
export function serverUrl(text: string, schemes: readonly string[], password?: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !schemes.includes(url.protocol.slice(0, -1))) {
    const form = `${schemes.join(':// or ')}://user@host:port/name`
    throw new GatewayError('config_invalid', `url: must be of the form ${form}; special characters are %-encoded`)
  }
  if (password !== undefined) url.password = encodeURIComponent(password)
  return url
}

/**
 * For `tls.connect`.
 * @throws GatewayError `config_invalid` if a file cannot be read
 */
export function tlsOf({ ca, cert, key, serverName, verify = true }: ServerTls): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca: pem(ca, 'ca') }),
    ...(cert !== undefined && { cert: pem(cert, 'cert') }),
    ...(key !== undefined && { key: pem(key, 'key') }),
    ...(serverName !== undefined && {
      servername: serverName,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    }),
    rejectUnauthorized: verify,
  }
}

function pem(value: string, name: string): string {
  if (value.includes('-----BEGIN')) return value
  try {
    return readFileSync(value, 'utf8')
  } catch (error) {
    throw new GatewayError('config_invalid', `tls.${name}: the file cannot be read: ${describe(error)}`)
  }
}
