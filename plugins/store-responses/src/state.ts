/** What a request of the Responses API says about state, and what is known of it. */
import { exchangeKey } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'

/** The dialect whose clients are served, and whose providers keep state themselves. */
export const RESPONSES = 'openai-responses'

export interface State {
  /** Whether the answer is to be kept. */
  store: boolean
  /** Id of the response that this one continues. */
  previous: string | undefined
  /** Set if `previous` is not kept here: the provider that keeps it, '' if nobody knows. */
  keptBy: string | undefined
  /** The conversation that is continued. */
  earlier: readonly JsonObject[]
  /** The request's own items if they are not those of its body, because it refers to some. */
  items: readonly unknown[] | undefined
  /** Id of an item that it refers to and that is not kept here. */
  missing: string | undefined
  /** Set if the answer is to be made in the background: what is asked. */
  background: ChatRequest | undefined
}

export const STATE = exchangeKey<State>('store-responses/state')
