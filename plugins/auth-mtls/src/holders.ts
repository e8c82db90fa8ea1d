import { invalidCredential } from '@sluice/auth-kit'
import type { ClientCertificate, Principal } from '@sluice/core'
import { read } from './rules.ts'
import type { Rule } from './rules.ts'

/** Certificates that are remembered. */
const SIZE = 10_000

/** Who holds a certificate. `principal` is undefined if no rule knows it; `until` in milliseconds since the epoch. */
type Holder = { principal: Principal | undefined; until: number }

/** Finds out who holds a certificate, once for each. */
export class Holders {
  readonly #rules: readonly Rule[]
  /** Whether the config says whose signature counts: without that, any authority of the world's would do. */
  hasAuthority = false
  /** By fingerprint. */
  readonly #known = new Map<string, Holder>()

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
  }

  /**
   * Undefined for a certificate that nobody we trust has signed, and for one that no rule knows.
   * @throws GatewayError `invalid_api_key` for a certificate that has expired since the connection was made
   */
  principalOf(certificate: ClientCertificate): Principal | undefined {
    if (!certificate.authorized || !this.hasAuthority) return undefined
    const { principal, until } = this.#known.get(certificate.fingerprint256) ?? this.#learn(certificate)
    if (principal && Date.now() > until) throw invalidCredential()
    return principal
  }

  #learn(certificate: ClientCertificate): Holder {
    const shown = read(certificate)
    let principal: Principal | undefined
    for (const rule of this.#rules) if ((principal = rule(shown))) break
    const holder = { principal, until: Date.parse(certificate.valid_to) }
    if (this.#known.size >= SIZE) this.#known.clear()
    this.#known.set(certificate.fingerprint256, holder)
    return holder
  }
}
