/** Fields that were handed out, looked at again from time to time. */
import type { Logger } from '@sluice/core'
import type { VaultClient } from './vault-client.ts'

/** `vault:<mount>/<path>#<field>` */
const ADDRESS = /^vault:([^/#]+\/[^#]+)#(.+)$/

export class WatchedFields {
  readonly #client: Pick<VaultClient, 'read'>
  /** By address. */
  readonly #texts = new Map<string, string>()

  constructor(client: Pick<VaultClient, 'read'>) {
    this.#client = client
  }

  /** Rejects with an Error that says what is wrong, never what was found. */
  async read(address: string): Promise<string> {
    const text = await this.#fetch(address)
    this.#texts.set(address, text)
    return text
  }

  /** Whether a field says something else than at the last look. What cannot be read now is taken for unchanged. */
  async changed(log: Logger): Promise<boolean> {
    let isChanged = false
    for (const [address, text] of this.#texts) {
      try {
        const now = await this.#fetch(address)
        isChanged ||= now !== text
        this.#texts.set(address, now)
      } catch (error) {
        log.warn({ address, why: (error as Error).message }, 'a secret cannot be read again; the last one stays in use')
      }
    }
    return isChanged
  }

  async #fetch(address: string): Promise<string> {
    const [, path, field] = ADDRESS.exec(address) ?? []
    if (path === undefined || field === undefined)
      throw new Error('it is not of the form vault:<mount>/<path>#<field>, e.g. vault:kv/providers/openai#api_key')
    const value = (await this.#client.read(path))[field]
    if (typeof value === 'string' && value !== '') return value
    throw new Error(`the secret has no text in its field "${field}"`)
  }
}
