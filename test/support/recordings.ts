/** The recorded chats of the two APIs, and what the oracle reads in them. */
import { recordedCases } from '@sluice/core/testing'
import type { RecordedCase } from '@sluice/core/testing'
import { VENDORS } from '@sluice/provider-compatible'
import { describe } from 'vitest'
import type { Api } from './api.ts'
import { eventsOf, readEvents, readMessage } from './oracle/anthropic.ts'
import type { Answer } from './oracle/answer.ts'
import { text } from './oracle/json.ts'
import { chunksOf, readChunks, readCompletion } from './oracle/openai.ts'

export interface Recording extends RecordedCase {
  api: Api
  vendor: string
  /** Of the request. */
  model: string
  /** As the gateway calls vendor and model. */
  target: string
}

export const recordings: readonly Recording[] = recordedCases({ endpoints: ['chat.completions', 'messages'] }).map(
  (recorded) => {
    const { endpoint, provider: vendor } = recorded.meta
    const api = endpoint === 'messages' ? 'anthropic' : 'openai'
    const model = text(recorded.request?.model) || recorded.meta.model
    return { ...recorded, api, vendor, model, target: `${vendor in VENDORS ? vendor : api}/${model}` }
  },
)

/** For suites that have no tests where there are no recordings. */
export const describeRecorded = recordings.length === 0 ? describe.skip : describe

export const answers = recordings.filter(({ status }) => status === 200)
export const refusals = recordings.filter(({ status }) => status >= 400)

export function read({ api, vendor, stream, response = {} }: Recording): Answer {
  if (api === 'openai') return stream ? readChunks(chunksOf(stream), vendor) : readCompletion(response, vendor)
  return stream ? readEvents(eventsOf(stream)) : readMessage(response)
}
