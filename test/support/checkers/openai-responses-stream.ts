/** A strict reading of how the Responses API streams. */
import { isDeepStrictEqual } from 'node:util'
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { ItemChecker } from './openai-responses-item.ts'
import { splitFrames } from './split-frames.ts'

const ENDS = ['response.completed', 'response.incomplete', 'response.failed']
/** Fields that the official SDKs' types promise of any response. */
const PROMISED =
  'id object created_at status error incomplete_details instructions metadata model output parallel_tool_calls temperature tool_choice tools top_p'.split(
    ' ',
  )

/**
 * @param isCounted whether there are tokens to be told
 * @throws Error naming the first rule that the stream breaks
 */
export function checkResponsesStream(stream: Buffer | string, isCounted = true): void {
  const checker = new Checker(isCounted)
  for (const [index, { event, data }] of splitFrames(stream).entries()) {
    const value = JSON.parse(data) as Json
    if (value.type !== event) fail(`the event "${event}" calls itself ${String(value.type)}`)
    checker.check(event, value, index)
  }
  checker.end()
}

class Checker {
  #state: 'new' | 'created' | 'open' | 'failing' | 'over' = 'new'
  #response: Json = {}
  readonly #items: ItemChecker[] = []
  readonly #isCounted: boolean

  constructor(isCounted: boolean) {
    this.#isCounted = isCounted
  }

  check(event: string, value: Json, index: number): void {
    if (this.#state === 'over') fail(`${event} follows the end`)
    // An error may come from where events are no longer counted.
    if (event === 'error') return this.#error(value)
    if (this.#state === 'failing' && event !== 'response.failed') fail(`${event} follows an error`)
    if (event === 'response.failed' && this.#state === 'failing') return this.#fail(value)
    if (value.sequence_number !== index) fail(`event ${index} has the number ${String(value.sequence_number)}`)
    if (event === 'response.created') return this.#create(value)
    if (this.#state === 'new') fail(`${event} comes before response.created`)
    if (event === 'response.in_progress') return this.#begin(value)
    if (this.#state === 'created') fail(`${event} comes before response.in_progress`)
    if (ENDS.includes(event)) return this.#finish(event, value)
    const at = Number(value.output_index)
    if (event === 'response.output_item.added') {
      if (at !== this.#items.length) fail(`item ${at} is out of order`)
      this.#items.push(new ItemChecker(object(value.item) ?? {}, this.#items))
      return
    }
    const item = this.#items[at] ?? fail(`${event} belongs to no item`)
    item.check(event, value)
  }

  end(): void {
    if (this.#state !== 'over') fail('the stream has no end')
  }

  #create({ response }: Json): void {
    if (this.#state !== 'new') fail('response.created is repeated')
    this.#state = 'created'
    this.#response = object(response) ?? {}
    checkResponse(this.#response, 'in_progress')
    if (objects(this.#response.output).length > 0) fail('the response does not begin empty')
  }

  #begin({ response }: Json): void {
    if (this.#state !== 'created') fail('response.in_progress is out of order')
    this.#state = 'open'
    if (object(response)?.id !== this.#response.id) fail('the response changes its id')
  }

  #finish(event: string, { response }: Json): void {
    this.#state = 'over'
    const final = object(response) ?? {}
    checkResponse(final, event.slice('response.'.length))
    for (const field of ['id', 'model', 'created_at']) {
      if (final[field] !== this.#response[field]) fail(`"${field}" changes within the stream`)
    }
    for (const item of this.#items) if (!item.isDone) fail(`an item ${item.type} stays open`)
    const items = this.#items.map(({ whole }) => whole)
    if (!isDeepStrictEqual(objects(final.output), items)) fail('the final output is not what was streamed')
    if (event === 'response.failed') return
    if (!this.#isCounted) {
      if (final.usage !== null) fail('there is usage that nobody counted')
      return
    }
    checkUsage(object(final.usage) ?? {})
  }

  #error(value: Json): void {
    if (text(value.message) === '' && text(object(value.error)?.message) === '') fail('an error has no message')
    this.#state = 'failing'
  }

  #fail({ response }: Json): void {
    const { status, error } = object(response) ?? {}
    if (status !== 'failed' || text(object(error)?.message) === '') fail('a failed response does not say why')
    this.#state = 'over'
  }
}

/** What holds for a response in each of its states. */
export function checkResponse(response: Json, status: string): void {
  if (response.status !== status) fail(`a response is ${String(response.status)} where it has to be ${status}`)
  for (const field of PROMISED) if (!(field in response)) fail(`a response has no "${field}"`)
  if (response.object !== 'response') fail('a response does not call itself one')
  if (!text(response.id).startsWith('resp_') || text(response.model) === '') fail('a response has no id or no model')
  const reason = object(response.incomplete_details)?.reason
  if ((status === 'incomplete') !== (typeof reason === 'string')) fail('a response is incomplete without a reason')
}

/** Whether all is counted, and adds up. */
export function checkUsage({ input_tokens: input, output_tokens: output, total_tokens: total }: Json): void {
  for (const count of [input, output, total]) if (!Number.isInteger(count)) fail('a count of tokens is missing')
  if (total !== Number(input) + Number(output)) fail('the total of the tokens is not their sum')
}

function fail(rule: string): never {
  throw new Error(`not a Responses stream: ${rule}`)
}
