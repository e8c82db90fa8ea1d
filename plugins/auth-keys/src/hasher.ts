import { createHmac } from 'node:crypto'

/** Turns key texts into what is stored of them: HMAC-SHA-256 under a secret of this installation, the pepper. */
export class Hasher {
  readonly #pepper: Buffer

  constructor(pepper: Buffer) {
    this.#pepper = pepper
  }

  hash(text: string): Buffer {
    return createHmac('sha256', this.#pepper).update(text).digest()
  }

  /** Tells two peppers apart without telling either: no key has this text. */
  get check(): string {
    return this.hash('sluice: which pepper is this?').toString('base64')
  }
}
