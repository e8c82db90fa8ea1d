import { describe, GatewayError } from '@sluice/core'

export interface GuardOptions {
  /** Of what is guarded, in errors: `Redis`. */
  name: string
  /** Milliseconds that a call may take. */
  deadline: number
  /** Calls in a row that fail until no more are made. Default: 5. */
  failures?: number
  /** Milliseconds until one is tried again. Default: 500. */
  pause?: number
  /** Whether an error means that the server is in trouble; others go to the caller as they are. */
  isTrouble: (error: unknown) => boolean
  /** The server is given up for now. */
  onOpen?: (reason: string) => void
  /** It answers again. */
  onClose?: () => void
}

/**
 * Stands before a server that may be slow, frozen or gone: a call ends within its deadline, and after some failures
 * in a row further ones are refused at once, but for one a pause that tries whether the server is back.
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #failures: number
  readonly #pause: number
  #failed = 0
  /** When the next call is let through, on the clock of `performance`; undefined while all are. */
  #tryAt: number | undefined

  constructor(options: GuardOptions) {
    this.#options = options
    this.#failures = options.failures ?? 5
    this.#pause = options.pause ?? 500
  }

  /** @throws GatewayError `overloaded` if the server is in trouble, or what `call` throws if it is not */
  run<T>(call: () => Promise<T>): Promise<T> {
    const { deadline } = this.#options
    if (this.#tryAt !== undefined) {
      const now = performance.now()
      if (now < this.#tryAt) return Promise.reject(this.#refusal('is given a pause after too many failures'))
      this.#tryAt = now + this.#pause
    }
    return new Promise<T>((resolve, reject) => {
      const expire = (): void => {
        if (ends()) reject(this.#fail(`did not answer within ${deadline} ms`))
      }
      // An answer that came while this process was busy is read after timers and before immediates.
      let timer: NodeJS.Timeout | undefined = setTimeout(() => setImmediate(expire), deadline)
      /** False if it is too late. */
      const ends = (): boolean => {
        if (timer === undefined) return false
        clearTimeout(timer)
        timer = undefined
        return true
      }
      call().then(
        (value) => {
          if (!ends()) return
          this.#succeed()
          resolve(value)
        },
        (error: unknown) => {
          if (!ends()) return
          if (this.#options.isTrouble(error)) return reject(this.#fail(`failed: ${describe(error)}`))
          this.#succeed()
          reject(error)
        },
      )
    })
  }

  /** The server may be back: the next call is let through. */
  retry(): void {
    if (this.#tryAt !== undefined) this.#tryAt = 0
  }

  #succeed(): void {
    this.#failed = 0
    if (this.#tryAt === undefined) return
    this.#tryAt = undefined
    this.#options.onClose?.()
  }

  #fail(reason: string): GatewayError {
    const refusal = this.#refusal(reason)
    if (++this.#failed < this.#failures || this.#tryAt !== undefined) return refusal
    this.#tryAt = performance.now() + this.#pause
    this.#options.onOpen?.(`${this.#options.name} ${reason}`)
    return refusal
  }

  /** What is shown to clients says nothing of the house; the reason is for the log. */
  #refusal(reason: string): GatewayError {
    return new GatewayError('overloaded', 'A database of the gateway does not answer. Try again shortly.', {
      retryAfter: 1,
      cause: new Error(`${this.#options.name} ${reason}`),
    })
  }
}
