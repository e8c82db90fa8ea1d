/** `@sluice/auth-keys`: API keys that the gateway hands out. */
import { join, resolve } from 'node:path'
import { Audit } from '@sluice/admin-kit'
import { Roles } from '@sluice/auth-kit'
import { definePlugin, milliseconds, Type } from '@sluice/core'
import type { Gateway, Principal } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import { mountKeys } from './admin.ts'
import type { Own } from './delegation.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { guarded } from './guarded-store.ts'
import { Hasher } from './hasher.ts'
import { KeySync } from './key-sync.ts'
import { KeyTable } from './key-table.ts'
import { isKeyId } from './key-text.ts'
import { Options } from './options.ts'
import { pepperIn } from './pepper.ts'
import { start } from './start.ts'
import { Verifier } from './verifier.ts'

/** By instance id. What is known outlives a reload of the config. */
const TABLES = new WeakMap<Gateway, Map<string, KeyTable>>()

/** Authenticates callers by keys in the `Store`, and serves `/admin/v1/keys`. */
export const apiKeys = definePlugin({
  name: 'auth-keys',
  version: '0.1.0',
  api: 1,
  requires: [Store],
  uses: [Roles, Audit],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  async setup({ id, data, options, hooks, get, find, log, gateway, router, announce, onClose }) {
    const store = guarded(get(Store), milliseconds(options.storeTimeout ?? '2s'))
    const { adminKey, pepper, pepperFile = join(data, 'pepper'), firstKeys = true } = options
    const hasher = new Hasher(pepper === undefined ? await pepperIn(resolve(pepperFile)) : Buffer.from(pepper))
    const table = tableOf(gateway, id)
    const interval = milliseconds(options.refreshInterval ?? '5m')
    const sync = new KeySync({ store, table, log, interval })
    const verifier = new Verifier(table, sync, hasher, adminKey || undefined)
    const gatekeeper = new Gatekeeper(verifier, table, sync)
    onClose(() => sync.stop())

    hooks.authenticate.tap('keys', (exchange) => gatekeeper.authenticate(exchange))
    hooks.authorize.tap({ name: 'restrictions', stage: 'early' }, (exchange) => gatekeeper.authorize(exchange))
    hooks.beforeRoute.tap({ name: 'providers', stage: 'last' }, (targets, exchange) =>
      gatekeeper.route(targets, exchange),
    )
    const loadTimeout = milliseconds(options.loadTimeout ?? '10s')
    const first = { store, hasher, hasAdmin: Boolean(adminKey), wantsFirstKeys: firstKeys, announce }
    hooks.ready.tap('keys', () => start({ ...first, sync, table, log, loadTimeout }))

    const ownOf = async ({ key }: Principal): Promise<Own> => {
      if (key === undefined || !isKeyId(key)) return undefined
      const entry = table.get(key) ?? (await sync.ask(key))
      return entry && (JSON.parse(entry.text) as Own)
    }
    const changed = (key: string): void => sync.changed(key)
    mountKeys({ router, store, audit: find(Audit), hasher, roles: find(Roles), ownOf, changed })
  },
})

function tableOf(gateway: Gateway, id: string): KeyTable {
  const tables = TABLES.get(gateway) ?? new Map<string, KeyTable>()
  TABLES.set(gateway, tables)
  const table = tables.get(id) ?? new KeyTable()
  tables.set(id, table)
  return table
}
