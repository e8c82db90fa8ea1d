/** Certificates made with openssl. */
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Everywhere but where it must be there, tests without it are left out. */
export const HAS_OPENSSL = spawnSync('openssl', ['version']).error === undefined || Boolean(process.env['CI'])
if (!HAS_OPENSSL) process.emitWarning('tests of client certificates are left out: there is no openssl')

export interface Pair {
  cert: string
  key: string
  fingerprint: string
}

export interface Authority extends Disposable {
  /** PEM of its own certificate. */
  ca: string
  /** @param alternatives e.g. `DNS.1=a.example` */
  sign(name: string, subject: string, alternatives?: string): Pair
}

export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mtls-'))
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const newKey = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ]
  openssl('req', '-x509', ...newKey('ca'), '-subj', '/CN=test authority', '-days', '2', '-out', 'ca.crt')
  return {
    ca: read('ca.crt'),
    sign(name, subject, alternatives) {
      openssl('req', ...newKey(name), '-subj', subject, '-out', `${name}.csr`)
      writeFileSync(
        join(folder, `${name}.ext`),
        alternatives === undefined ? '' : `subjectAltName=@names\n[names]\n${alternatives}\n`,
      )
      const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '2', '-extfile', `${name}.ext`]
      openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.crt`)
      const cert = read(`${name}.crt`)
      return { cert, key: read(`${name}.key`), fingerprint: new X509Certificate(cert).fingerprint256 }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
