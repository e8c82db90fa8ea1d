/** What real servers on the loopback need. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Whether a program can be run. If not, it says that its tests are skipped.
 * @param get how to get it, e.g. `apt install redis-server`
 * @throws Error if it cannot where nothing may be skipped (`CI=true`)
 */
export function isInstalled(program: string, get: string): boolean {
  if (!spawnSync(program, ['--version']).error) return true
  const reason = `${program} is not installed (${get}): its tests are skipped`
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`${reason}\n`)
  return false
}

/** Files with a certificate for `name` and its key, made in `folder` with openssl. Whoever trusts it has it as `ca`. */
export function selfSigned(folder: string, name: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const made = spawnSync('openssl', ['req', '-x509', ...kind, ...about, '-keyout', key, '-out', cert])
  if (made.status !== 0) throw new Error(`openssl failed: ${String(made.error ?? made.stderr)}`)
  return { cert, key }
}
