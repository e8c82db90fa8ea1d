/**
 * Seals texts for keeping: AES-256-GCM under a key that HKDF (RFC 5869) makes of a master key, for each purpose and
 * each text its own. The name that a text is kept under is sealed in, so that texts cannot be exchanged.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'

/** `masterKey`: which one it was sealed with, by fingerprint. The rest is base64. */
export type Sealed = { masterKey: string; nonce: string; text: string; tag: string }

export class Sealer {
  readonly #purpose: string
  /** By fingerprint; the first seals. */
  readonly #keys: ReadonlyMap<string, string>

  /** @param masterKeys the one in use, then earlier ones */
  constructor(purpose: string, masterKeys: readonly [string, ...string[]]) {
    this.#purpose = purpose
    this.#keys = new Map(masterKeys.map((key) => [hash('sha256', `fingerprint of ${key}`).slice(0, 16), key]))
  }

  get current(): string {
    return [...this.#keys.keys()][0]!
  }

  seal(name: string, text: string): Sealed {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.current, nonce), nonce)
    cipher.setAAD(Buffer.from(name))
    const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return {
      masterKey: this.current,
      nonce: nonce.toString('base64'),
      text: bytes.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
    }
  }

  /** @throws Error if it was sealed with a master key that is not known, under another name, or was changed */
  unseal(name: string, { masterKey, nonce, text, tag }: Sealed): string {
    if (!this.#keys.has(masterKey))
      throw new Error('it was sealed with another master key: give that one as previousKeys')
    try {
      const bytes = Buffer.from(nonce, 'base64')
      const key = this.#key(masterKey, bytes)
      const decipher = createDecipheriv('aes-256-gcm', key, bytes, { authTagLength: 16 })
      decipher.setAAD(Buffer.from(name)).setAuthTag(Buffer.from(tag, 'base64'))
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]).toString()
    } catch {
      throw new Error('what is kept under this name was changed by somebody')
    }
  }

  #key(masterKey: string, nonce: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#keys.get(masterKey)!, nonce, `sluice ${this.#purpose}`, 32))
  }
}
