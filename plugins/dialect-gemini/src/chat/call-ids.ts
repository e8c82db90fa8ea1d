/** Gives ids to function calls that have none: the same whenever the same calls are read. */
export class CallIds {
  readonly #suffix: string
  #count = 0

  /** @param responseId keeps the ids of several answers of a conversation apart */
  constructor(responseId?: string) {
    this.#suffix = responseId === undefined ? '' : `_${responseId.slice(-12)}`
  }

  /** The id of the next call, its own if it has one. */
  call(_name: string, id: string | undefined): string {
    return id ?? `call_${this.#next()}`
  }

  /** The id of the call that the next result answers. */
  result(_name: string, id: string | undefined): string {
    return id ?? `result_${this.#next()}`
  }

  #next(): string {
    return `${this.#count++}${this.#suffix}`
  }
}

/** The same for a conversation, in which results answer calls. */
export class ConversationIds extends CallIds {
  /** Calls without a result, by function, in order. */
  readonly #open: { id: string; name: string }[] = []

  override call(name: string, id: string | undefined): string {
    const known = super.call(name, id)
    this.#open.push({ id: known, name })
    return known
  }

  /** The one it names, else the first call of its function without a result. */
  override result(name: string, id: string | undefined): string {
    let index = this.#open.findIndex((call) => call.id === id)
    if (index === -1) index = this.#open.findIndex((call) => call.name === name)
    const [call] = index === -1 ? [] : this.#open.splice(index, 1)
    return call?.id ?? super.result(name, id)
  }
}
