/** The suite of plugins that keep their things on a server: how a gateway boots with one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createGateway, definePlugin, GatewayError } from '@sluice/core'
import type { Capability, GatewayConfig, PluginInstance } from '@sluice/core'
import type { ServerTls } from '../server-address.ts'
import type { FallibleServer } from './outages.ts'
import type { TestFunction } from './subject.ts'

/** What all such plugins can be told. */
export interface BootOptions {
  url: string
  connectTimeout?: string
  tls?: ServerTls
}

/** One that is not started yet, and talks TLS. */
export interface SecureServer extends AsyncDisposable {
  readonly url: string
  /** File with its certificate. */
  readonly certificate: string | undefined
  start(): Promise<void>
}

export interface BootSubject {
  test: TestFunction
  plugin: (options: BootOptions) => PluginInstance
  /** Runs when the tests begin. */
  server: FallibleServer & { readonly url: string }
  /** Makes another one. `name`: that in its certificate. */
  secure: (name: string) => Promise<SecureServer>
  /** What a url needs at its end for TLS. Default: nothing. */
  tlsQuery?: string
  /** Options with which it does not boot: why, and what it then says. */
  refused: readonly (readonly [reason: string, options: BootOptions, text: RegExp])[]
  /** Passwords, right and wrong. Never told. */
  secrets: RegExp
}

/** Milliseconds that a refusal may take where it need not wait. */
const AT_ONCE = 1500

/** Registers the tests: what is wrong is told at boot, at once and without passwords; TLS trusts whom it is told to. */
export function testBoot({ test, plugin, server, secure, tlsQuery = '', refused, secrets }: BootSubject): void {
  const boot = async (options: BootOptions, write: (line: string) => void = () => undefined): Promise<void> => {
    const config = { server: { host: '127.0.0.1', port: 0 }, plugins: [plugin(options)] }
    const gateway = await createGateway(config, { destination: { write } })
    try {
      await gateway.listen()
    } finally {
      await gateway.close()
    }
  }
  const invalid = { code: 'config_invalid' }

  for (const [reason, options, text] of refused) {
    test(`does not boot if ${reason}, says so at once, and says no password`, async () => {
      const lines: string[] = []
      const start = performance.now()
      const error: unknown = await boot(options, (line) => lines.push(line)).catch((thrown: unknown) => thrown)
      const time = performance.now() - start
      assert.ok(GatewayError.is(error), `not refused, but ${String(error)}`)
      assert.equal(error.code, invalid.code)
      assert.match(error.message, text)
      assert.ok(time < AT_ONCE, `${time} ms`)
      assert.doesNotMatch(`${error.message} ${lines.join('')}`, secrets)
    })
  }

  test('waits at boot for one that is starting', async () => {
    await server.kill()
    const booting = boot({ url: server.url, connectTimeout: '10s' })
    await server.start()
    await booting
  })

  test('over TLS, trusts whom it is told to, by the name it is told', async () => {
    await using other = await secure('database.test')
    await other.start()
    const over = (tls: ServerTls): Promise<void> => boot({ url: other.url + tlsQuery, tls, connectTimeout: '200ms' })
    const ca = other.certificate!
    await over({ ca, serverName: 'database.test' })
    await over({ ca: readFileSync(ca, 'utf8'), serverName: 'database.test' })
    await over({ verify: false })
    for (const tls of [{}, { ca }, { ca, serverName: 'other.test' }, { serverName: 'database.test' }]) {
      await assert.rejects(over(tls), invalid)
    }
  })

  test('of one that is frozen, does not boot', async () => {
    server.freeze()
    try {
      const start = performance.now()
      await assert.rejects(boot({ url: server.url, connectTimeout: '200ms' }), invalid)
      const time = performance.now() - start
      assert.ok(time < AT_ONCE, `${time} ms`)
    } finally {
      server.thaw()
    }
  })
}

/** A config with the plugin, and what it provides once a gateway has booted with it. */
export function providedBy<T>(
  plugin: PluginInstance,
  token: Capability<T>,
): { config: GatewayConfig; service: () => T } {
  let service: T | undefined
  const user = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [token],
    setup: ({ get }) => void (service = get(token)),
  })
  return { config: { plugins: [plugin, user()] }, service: () => service! }
}
