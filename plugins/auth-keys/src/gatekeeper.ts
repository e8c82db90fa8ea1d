import { invalidCredential, presentedCredential } from '@sluice/auth-kit'
import type { Exchange, Principal, Target } from '@sluice/core'
import type { Key } from './key.ts'
import type { KeySync } from './key-sync.ts'
import type { KeyTable } from './key-table.ts'
import { isKeyId } from './key-text.ts'
import { checkAddress, checkUse, permittedTargets } from './restrictions.ts'
import type { Verifier } from './verifier.ts'

/** What the hooks do with keys. Where all is known, which is nearly always, they answer without a promise. */
export class Gatekeeper {
  readonly #verifier: Verifier
  readonly #table: KeyTable
  readonly #sync: KeySync

  constructor(verifier: Verifier, table: KeyTable, sync: KeySync) {
    this.#verifier = verifier
    this.#table = table
    this.#sync = sync
  }

  /** @throws GatewayError `invalid_api_key`, `permission_denied` for the client's address, `overloaded` */
  authenticate(exchange: Exchange): Principal | undefined | Promise<Principal> {
    const text = presentedCredential(exchange)
    if (text === undefined) return undefined
    const key = this.#verifier.verify(text, exchange.time)
    if (key instanceof Promise) return key.then((found) => admitted(found, exchange))
    return key && admitted(key, exchange)
  }

  /** @throws GatewayError `permission_denied`; `invalid_api_key` if the key has been revoked since */
  authorize(exchange: Exchange): void | Promise<void> {
    const id = keyIdOf(exchange)
    if (id === undefined) return undefined
    const key = this.#known(id)
    return key ? checkUse(key, exchange) : this.#asked(id).then((found) => checkUse(found, exchange))
  }

  /** @throws GatewayError `permission_denied` if the key may use none of the targets */
  route(targets: readonly Target[], exchange: Exchange): readonly Target[] | undefined | Promise<readonly Target[]> {
    const id = keyIdOf(exchange)
    if (id === undefined) return undefined
    const key = this.#known(id)
    if (key) return permittedTargets(key, targets, exchange.model)
    return this.#asked(id).then((found) => permittedTargets(found, targets, exchange.model))
  }

  #known(id: string): Key | undefined {
    const entry = this.#table.get(id)
    return entry && this.#table.key(entry)
  }

  async #asked(id: string): Promise<Key> {
    const entry = await this.#sync.ask(id)
    if (!entry) throw invalidCredential()
    return this.#table.key(entry)
  }
}

function admitted(key: Key, { start }: Exchange): Principal {
  checkAddress(key, start.ip)
  return key.principal
}

/** Also of exchanges that the gateway makes for somebody, which nobody authenticates. */
function keyIdOf({ principal: { key } }: Exchange): string | undefined {
  return key !== undefined && isKeyId(key) ? key : undefined
}
