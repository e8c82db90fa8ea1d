/** Runs the steps of a chain, each once, and as soon as those are over that it refers to. */
import { asGatewayError, GatewayError } from '@sluice/core'
import type { ChatRequest, Logger } from '@sluice/core'
import type { Caller } from './caller.ts'
import type { Chain, Question, Step } from './chain.ts'
import { dataOf } from './data.ts'
import type { Data, Output } from './data.ts'
import { valueAt } from './path.ts'
import { repairOf, requestFor } from './question.ts'
import { textOf } from './reading.ts'
import { LONGEST, render } from './render.ts'
import { tried } from './tries.ts'

export interface StepRunnerSettings {
  chain: Chain
  /** The client's. */
  request: ChatRequest
  caller: Caller
  signal: AbortSignal
  log: Logger
}

export class StepRunner {
  readonly data: Data
  readonly #settings: StepRunnerSettings
  readonly #outputs = new Map<string, Promise<Output | undefined>>()

  constructor(settings: StepRunnerSettings) {
    this.#settings = settings
    this.data = dataOf(settings.request)
  }

  /** Begins with the step unless that has been done. Undefined: it was skipped. */
  outputOf(name: string): Promise<Output | undefined> {
    const begun = this.#outputs.get(name)
    if (begun) return begun
    const output = this.#run(this.#settings.chain.steps.get(name)!)
    output.catch(() => undefined) // whoever waits for it is told; it may be that nobody does any more
    this.#outputs.set(name, output)
    return output
  }

  /** Waits for what the step refers to. @returns whether it is to run */
  async isDue({ needs, runs }: Step): Promise<boolean> {
    await Promise.all(needs.map((name) => this.outputOf(name)))
    return runs(this.data)
  }

  /** What takes the place of an output that has failed. @throws what it failed with, if nothing does */
  async standIn(name: string, { fallback, onError, schema }: Question, thrown: unknown): Promise<Output | undefined> {
    this.#settings.signal.throwIfAborted()
    if (!GatewayError.is(thrown)) throw thrown // a defect, which nothing makes up for
    this.#settings.log.debug({ step: name, err: thrown }, 'a step of a chain failed')
    if (fallback && 'step' in fallback) {
      const output = await this.outputOf(fallback.step).catch(() => undefined)
      const read = output && (schema?.read(output.text) ?? output)
      if (read && !('problem' in read)) return read
    }
    if (onError === 'fail') throw thrown
    return onError === 'skip' ? undefined : onError
  }

  /** What a client is told of a step that failed. */
  failure({ name }: Step, thrown: unknown): GatewayError {
    const error = asGatewayError(thrown)
    const { chain, signal } = this.#settings
    if (signal.aborted) return asGatewayError(signal.reason)
    const { status, retryAfter } = error
    return new GatewayError(error.code, `The step "${name}" of "${chain.name}" failed: ${error.message}`, {
      status,
      ...(retryAfter !== undefined && { retryAfter }),
      cause: error,
    })
  }

  async #run(step: Step): Promise<Output | undefined> {
    if (!(await this.isDue(step))) return undefined
    const output = await this.#perform(step).catch((thrown: unknown) => {
      throw this.failure(step, thrown)
    })
    if (output) this.data.steps[step.name] = output
    return output
  }

  async #perform(step: Step): Promise<Output | undefined> {
    const { each } = step
    if (!each) return this.#once(step, this.data)
    const list = valueAt(this.data, each.path) ?? []
    if (!Array.isArray(list)) throw new GatewayError('upstream_error', `${each.path.join('.')} is no list.`)
    if (list.length > each.most) {
      const code = each.path[0] === 'conversation' ? 'invalid_request' : 'upstream_error'
      throw new GatewayError(code, `${each.path.join('.')} has ${list.length} items, more than ${each.most}.`)
    }
    const outputs = await Promise.all(list.map((item, index) => this.#once(step, { ...this.data, item, index })))
    return together(outputs.filter((output) => output !== undefined))
  }

  async #once(step: Step, data: Data): Promise<Output | undefined> {
    const { name, work } = step
    if ('set' in work) return { text: render(work.set, data) }
    try {
      return await tried(work, this.#settings.signal, (model) => this.#ask(work, model, name, data))
    } catch (thrown) {
      return this.standIn(name, work, thrown)
    }
  }

  async #ask(question: Question, model: string, name: string, data: Data): Promise<Output> {
    const { caller, request: client } = this.#settings
    const make = (): ChatRequest => requestFor(question, model, name, data, client)
    const text = textOf(await caller.ask(make, question.timeout))
    const { schema } = question
    if (!schema) return { text }
    let read = schema.read(text)
    if ('problem' in read) {
      const { problem } = read
      read = schema.read(textOf(await caller.ask(() => repairOf(make(), text, problem), question.timeout)))
    }
    if ('json' in read) return read
    throw new GatewayError('upstream_error', `the answer does not fit the schema: ${read.problem}.`)
  }
}

/** The outputs of a step that ran for each item of a list, in its order. */
function together(items: readonly Output[]): Output {
  const text = items.map((item) => item.text).join('\n\n')
  if (text.length > LONGEST) {
    throw new GatewayError('upstream_error', `the answers are longer than ${LONGEST} characters together.`)
  }
  return { text, items, json: items.map(({ json }) => json) }
}
