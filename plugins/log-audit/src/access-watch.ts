/** Notes who was refused, and which operators come. */
import { AUDITED } from '@sluice/admin-kit'
import type { AuditEvent } from '@sluice/admin-kit'
import { ADMIN_PATH } from '@sluice/admin-kit'
import { ANONYMOUS } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import type { Writer } from './writer.ts'

/** Milliseconds after which an operator who comes again is noted again, and how many are remembered. */
const SESSION = 3_600_000
const OPERATORS = 1_000
const SECOND = 1_000

export class AccessWatch {
  readonly #writer: Pick<Writer, 'record'>
  readonly #limit: number
  /** Principal → when its use was noted, in the order of that. */
  readonly #seen = new Map<string, number>()
  #noted = 0
  #counted = 0
  #timer: NodeJS.Timeout | undefined

  /** @param limit refusals that are noted one by one in a second */
  constructor(writer: Pick<Writer, 'record'>, limit: number) {
    this.#writer = writer
    this.#limit = limit
  }

  see(exchange: Exchange): void {
    const { error, operation, start } = exchange
    if (error) {
      if (error.code === 'invalid_api_key' || error.code === 'permission_denied') this.#refused(exchange, error.code)
    } else if (operation === 'operator' && start.endpoint.path.startsWith(ADMIN_PATH)) this.#entered(exchange)
  }

  #refused(exchange: Exchange, code: string): void {
    if (exchange.get(AUDITED)) return
    // One timer for the first refusal of a second: the next one starts with its end.
    this.#timer ??= setTimeout(() => this.#nextSecond(), SECOND).unref()
    if (this.#noted >= this.#limit) {
      this.#counted++
      return
    }
    this.#noted++
    const { method, path } = exchange.start
    const details = { code, ...(exchange.model !== '' && { model: exchange.model.slice(0, 256) }) }
    this.#note(exchange, { action: 'auth.refused', outcome: 'refused', subject: `${method} ${path}`, details })
  }

  #nextSecond(): void {
    this.#timer = undefined
    this.#noted = 0
    const count = this.#counted
    this.#counted = 0
    if (count > 0)
      void this.#writer.record({
        action: 'auth.refused',
        actor: ANONYMOUS.id,
        outcome: 'refused',
        details: { count, reason: 'too many to note one by one' },
      })
  }

  #entered(exchange: Exchange): void {
    const { id } = exchange.principal
    if (id === ANONYMOUS.id || (this.#seen.get(id) ?? -Infinity) > exchange.time - SESSION) return
    this.#seen.delete(id)
    this.#seen.set(id, exchange.time)
    if (this.#seen.size > OPERATORS) this.#seen.delete(this.#seen.keys().next().value!)
    this.#note(exchange, { action: 'auth.sign-in', outcome: 'done' })
  }

  #note({ id, principal, start: { ip } }: Exchange, event: Omit<AuditEvent, 'actor'>): void {
    void this.#writer.record({ ...event, actor: principal.id, exchange: id, ...(ip !== '' && { ip }) })
  }

  /** Notes what was only counted so far. */
  close(): void {
    clearTimeout(this.#timer)
    this.#nextSecond()
  }
}
