/** The stages that plugins put into a stream, as one. What they give is checked: it comes in time and is a list. */
import { asGatewayError } from './errors.ts'
import type { StreamStage } from './hooks.ts'
import type { StreamPart } from './model.ts'
import { isPromise } from './tap.ts'

export class Stages {
  readonly #stages: readonly StreamStage[]
  readonly #limit: number

  /** @param limit milliseconds that one call of a stage may take */
  constructor(stages: readonly StreamStage[], limit: number) {
    this.#stages = stages
    this.#limit = limit
  }

  /** What is left of `parts` behind the last stage. */
  push(parts: StreamPart[]): Promise<StreamPart[]> {
    return this.#through(this.#stages, parts)
  }

  /** What the stages still hold back, each one's rest run through those behind it. */
  async flush(): Promise<StreamPart[]> {
    let held: StreamPart[] = []
    for (const stage of this.#stages) {
      const passed = await this.#through([stage], held)
      held = stage.flush ? [...passed, ...(await this.#given(() => stage.flush!()))] : passed
    }
    return held
  }

  async #through(stages: readonly StreamStage[], parts: StreamPart[]): Promise<StreamPart[]> {
    let current = parts
    for (const stage of stages) {
      const passed: StreamPart[] = []
      for (const part of current) passed.push(...(await this.#given(() => stage.push(part))))
      current = passed
    }
    return current
  }

  async #given(call: () => unknown): Promise<StreamPart[]> {
    try {
      const given = call()
      const parts = isPromise(given) ? await this.#inTime(given) : given
      if (Array.isArray(parts)) return parts as StreamPart[]
      throw new Error(`a stage gave ${parts === null ? 'null' : typeof parts} in place of a list of parts`)
    } catch (thrown) {
      const error = asGatewayError(thrown)
      error.hook ??= 'transformStream'
      throw error
    }
  }

  #inTime(given: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error(`a stage did not settle within ${this.#limit} ms`))
      const timer = setTimeout(late, this.#limit)
      Promise.resolve(given)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }
}
