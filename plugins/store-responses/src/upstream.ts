/** What is kept here, as a provider of the Responses API: the pipeline reaches it like any other one. */
import { GatewayError } from '@sluice/core'
import type { Exchange, WireProvider, WireReply } from '@sluice/core'
import type { Desk } from './desk.ts'
import { RESPONSES } from './state.ts'

/** Header with which an attempt says whose it is. */
const TICKET = 'x-sluice-exchange'

export class StateUpstream implements WireProvider {
  readonly kind = 'wire'
  readonly vendor = 'sluice'
  readonly dialect = RESPONSES
  readonly also: readonly string[]
  readonly address = 'in this process'
  readonly #desk: Desk
  readonly #expected = new Map<string, Exchange>()

  /** @param dialect the name of that of `/v1/responses/{id}` */
  constructor(desk: Desk, dialect: string) {
    this.#desk = desk
    this.also = [dialect]
  }

  /** @returns headers for the attempt that is about to be made for `exchange` */
  expect(exchange: Exchange): { [name: string]: string } {
    this.#expected.set(exchange.id, exchange)
    return { [TICKET]: exchange.id }
  }

  forget({ id }: Exchange): void {
    this.#expected.delete(id)
  }

  send({ headers }: Parameters<WireProvider['send']>[0]): ReturnType<WireProvider['send']> {
    const given = Promise.withResolvers<never>()
    return { reply: Promise.race([this.#answer(headers[TICKET]), given.promise]), abort: given.reject }
  }

  async #answer(ticket = ''): Promise<WireReply> {
    const exchange = this.#expected.get(ticket)
    if (exchange) return this.#desk.answer(exchange)
    throw new GatewayError('model_not_found', 'There is no such model.', { param: 'model' })
  }
}
