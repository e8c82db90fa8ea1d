/** Vault's HTTP API, as far as sign-in and the KV version 2 engine go, on the loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface TestVault extends AsyncDisposable {
  url: string
  /** By mount and path, e.g. `kv/providers/openai`. */
  secrets: Map<string, object | null>
  /** Tokens that may read. */
  tokens: Set<string>
  /** Method, path and namespace of every request. */
  calls: string[]
  /** How sign-ins are answered: status and lease, in seconds. */
  login: { status: number; lease: number }
  /** If set, every read is answered so. */
  fault: { status: number; body: string } | undefined
}

export async function testVault(): Promise<TestVault> {
  let signedIn = 0
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const serve = async (): Promise<void> => {
      const { method, url = '', headers } = request
      vault.calls.push(`${method} ${url} ${String(headers['x-vault-namespace'] ?? '')}`.trim())
      const body = await text(request)
      const path = decodeURIComponent(url.replace('/v1/', ''))
      if (path.startsWith('auth/')) {
        const { role_id, secret_id, jwt } = JSON.parse(body) as { [field: string]: string }
        const isKnown = (role_id === 'role' && secret_id === 'secret') || jwt === 'a token of the pod'
        if (!isKnown || vault.login.status !== 200) return answer(400, { errors: ['invalid role or secret ID'] })
        const token = `signed-in-${++signedIn}`
        vault.tokens.add(token)
        return answer(200, { auth: { client_token: token, lease_duration: vault.login.lease } })
      }
      if (!vault.tokens.has(String(headers['x-vault-token']))) return answer(403, { errors: ['permission denied'] })
      if (vault.fault) return void response.writeHead(vault.fault.status).end(vault.fault.body)
      const data = vault.secrets.get(path.replace('/data/', '/'))
      if (data === undefined) return answer(404, { errors: [] })
      answer(200, { data: { data, metadata: { version: 1 } } })
    }
    void serve()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const vault: TestVault = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets: new Map(),
    tokens: new Set(['root-token']),
    calls: [],
    login: { status: 200, lease: 3600 },
    fault: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return vault
}
