/** TLS in front of HTTP/1.1 and HTTP/2, and what a client's certificate says. */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { PeerCertificate, SecureContextOptions, Server, TLSSocket } from 'node:tls'
import { describe, GatewayError } from './errors.ts'

/** `server.tls`: PEM text, or where a file with it is. */
export interface TlsSettings {
  cert: string
  key: string
  /** Who signs the certificates of clients. */
  ca?: string
  /** Whether clients are asked for a certificate. Those without one come in too: plugins decide. */
  requestCert?: boolean
}

/** What a client's certificate says. `authorized`: it was signed by the `ca` and is valid now. */
export interface ClientCertificate {
  subject: { readonly [field: string]: string | string[] | undefined }
  issuer: { readonly [field: string]: string | string[] | undefined }
  subjectaltname?: string
  /** Colon-separated upper-case hex. */
  fingerprint256: string
  valid_to: string
  authorized: boolean
}

/** @throws GatewayError `config_invalid` if a file cannot be read */
function contextOf({ cert, key, ca }: TlsSettings): SecureContextOptions {
  const pem = (value: string, name: string): string => {
    if (value.includes('-----BEGIN')) return value
    try {
      return readFileSync(value, 'utf8')
    } catch (error) {
      throw new GatewayError('config_invalid', `server.tls.${name}: ${value} cannot be read: ${describe(error)}.`)
    }
  }
  return { cert: pem(cert, 'cert'), key: pem(key, 'key'), ...(ca !== undefined && { ca: pem(ca, 'ca') }) }
}

/**
 * A listener for TLS. Connections go to `http1` or `http2`, as the client chooses (ALPN, RFC 7301).
 * @throws GatewayError `config_invalid` if the files are no certificate and key
 */
export function createTlsServer(
  settings: TlsSettings,
  http1: (socket: Socket) => void,
  http2: (socket: Socket) => void,
): { server: Server; renew(settings: TlsSettings): void } {
  const context = contextOf(settings)
  const { requestCert = false, ca } = settings
  if (requestCert && ca === undefined)
    throw new GatewayError(
      'config_invalid',
      'server.tls.ca: is required with requestCert: whose certificates are good?',
    )
  const server = checked(() =>
    createServer({
      ...context,
      requestCert,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
    }),
  )
  server.on('secureConnection', (socket) => (socket.alpnProtocol === 'h2' ? http2 : http1)(socket))
  server.on('tlsClientError', () => undefined) // a client that cannot agree with us is told by its own TLS
  return { server, renew: (next) => checked(() => server.setSecureContext(contextOf(next))) }
}

function checked<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (GatewayError.is(error)) throw error
    const text = `server.tls: the certificate or key cannot be used: ${describe(error)}.`
    throw new GatewayError('config_invalid', text, { cause: error })
  }
}

/** Read once a connection: it costs more than a request. */
const certificates = new WeakMap<Socket, ClientCertificate | null>()

/** The certificate that a client showed, if it showed one. */
export function certificateOf(socket: Socket): ClientCertificate | undefined {
  let known = certificates.get(socket)
  if (known === undefined) {
    const { getPeerCertificate, authorized = false } = socket as Partial<TLSSocket>
    const shown = getPeerCertificate?.call(socket)
    known = shown && 'fingerprint256' in shown ? { ...picked(shown), authorized } : null
    certificates.set(socket, known)
  }
  return known ?? undefined
}

function picked({ subject, issuer, subjectaltname, fingerprint256, valid_to }: PeerCertificate) {
  return { subject, issuer, fingerprint256, valid_to, ...(subjectaltname !== undefined && { subjectaltname }) }
}
