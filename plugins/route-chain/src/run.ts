/** One chain for one request, from its first step to the end of the answer. */
import { GatewayError } from '@sluice/core'
import type { Answer, ChatRequest, ChatResponse, Exchange, Gateway, Principal, Usage } from '@sluice/core'
import { Caller } from './caller.ts'
import { asks } from './chain.ts'
import type { Chain, Question, Step } from './chain.ts'
import { enterFamily } from './family.ts'
import { lastRequestFor } from './question.ts'
import { isNothing, nothingSaid } from './reading.ts'
import { begun, passedOn, written } from './reply.ts'
import type { Spending } from './spending.ts'
import { StepRunner } from './step-runner.ts'
import { tried } from './tries.ts'

export interface RunSettings {
  gateway: Gateway
  exchange: Exchange
  /** Of the attempt. */
  signal: AbortSignal
  spending: Spending
}

const OVER = new GatewayError('client_closed', 'The chain is over.')

export class Run {
  readonly #chain: Chain
  readonly #request: ChatRequest
  readonly #exchange: Exchange
  readonly #spending: Spending
  readonly #caller: Caller
  readonly #steps: StepRunner
  readonly #end = new AbortController()
  readonly #signal: AbortSignal
  readonly #timer: NodeJS.Timeout

  /** @throws GatewayError `invalid_request` if chains stand too deep in one another */
  constructor(chain: Chain, request: ChatRequest, { gateway, exchange, signal, spending }: RunSettings) {
    const family = enterFamily(chain.name, exchange)
    const { concurrency, runAs } = chain
    const principal = runAs === 'chain' ? principalOf(chain, exchange) : undefined
    this.#chain = chain
    this.#request = request
    this.#exchange = exchange
    this.#spending = spending
    this.#signal = AbortSignal.any([signal, this.#end.signal])
    this.#caller = new Caller({ gateway, exchange, principal, family, spending, signal: this.#signal, concurrency })
    this.#steps = new StepRunner({ chain, request, caller: this.#caller, signal: this.#signal, log: exchange.log })
    this.#timer = setTimeout(() => this.#end.abort(tooLate(chain)), chain.timeout)
  }

  /** Resolves when the answer has begun. @throws GatewayError */
  async answer(): Promise<Answer> {
    try {
      for (const step of this.#chain.outputs) {
        const answer = await this.#output(step)
        if (answer) return answer
      }
      throw new GatewayError('upstream_error', `All that "${this.#chain.name}" might answer with was skipped.`)
    } catch (thrown) {
      this.#over()
      throw thrown
    }
  }

  /** Undefined: the step was skipped. */
  async #output(step: Step): Promise<Answer | undefined> {
    if (isPassedOn(step)) return this.#passOn(step)
    const output = await this.#steps.outputOf(step.name)
    return output && this.#written(output.text)
  }

  async #passOn(step: Step & { work: Question }): Promise<Answer | undefined> {
    if (!(await this.#steps.isDue(step))) return undefined
    const { work } = step
    try {
      const answer = await tried(work, this.#signal, (model) => {
        const make = (): ChatRequest => lastRequestFor(work, model, this.#steps.data, this.#request)
        return this.#request.stream ? this.#streamed(make, work.timeout) : this.#whole(make, work.timeout)
      })
      if (!work.messages) this.#dropTools()
      return answer
    } catch (thrown) {
      const stand = await this.#steps.standIn(step.name, work, thrown).catch((failed: unknown) => {
        throw this.#steps.failure(step, failed)
      })
      return stand && this.#written(stand.text)
    }
  }

  async #whole(make: () => ChatRequest, timeout: number): Promise<ChatResponse> {
    const answer = await this.#caller.ask(make, timeout)
    if (isNothing(answer)) throw nothingSaid()
    return { ...answer, model: this.#request.model, usage: await this.#total() }
  }

  async #streamed(make: () => ChatRequest, timeout: number): Promise<Answer> {
    const open = await this.#caller.open(make, timeout)
    const held = await begun(open)
    return passedOn(this.#request.model, held, open, this.#total, this.#over)
  }

  async #written(text: string): Promise<Answer> {
    this.#dropTools()
    return written(this.#request, text, await this.#total())
  }

  #dropTools(): void {
    const { dropped } = this.#exchange
    if (this.#request.tools && !dropped.includes('tools')) dropped.push('tools')
  }

  /** What all steps used. There are no more of them then. */
  #total = async (): Promise<Usage> => {
    await this.#spending.settled()
    this.#over()
    return this.#spending.usage
  }

  #over = (): void => {
    clearTimeout(this.#timer)
    this.#end.abort(OVER)
  }
}

/** Whether the answer goes to the client as the model gives it: nobody else has to see the whole of it. */
function isPassedOn(step: Step): step is Step & { work: Question } {
  return asks(step) && !step.isNeeded && !step.each && !step.work.schema
}

/** May use every model, and is within the limits of whoever calls the chain. */
function principalOf({ name }: Chain, { principal: { scopes, tags } }: Exchange): Principal {
  return { id: `chain:${name}`, name, roles: ['client'], ...(scopes && { scopes }), ...(tags && { tags }) }
}

function tooLate({ name, timeout }: Chain): GatewayError {
  return new GatewayError('upstream_timeout', `"${name}" did not end within ${timeout / 1000} s.`)
}
