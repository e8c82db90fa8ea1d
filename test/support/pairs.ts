/** Every client with every upstream, whole and streamed. */
import { APIS } from './api.ts'
import type { Api } from './api.ts'

export interface Pair {
  client: Api
  upstream: Api
  isStream: boolean
  /** For the names of tests. */
  name: string
  /** A model of the upstream, as clients address it. */
  model: string
}

export const MODELS = { openai: 'openai/gpt-5.1', anthropic: 'anthropic/claude-sonnet-4-5' } as const

export const pairs: readonly Pair[] = APIS.flatMap((client) =>
  APIS.flatMap((upstream) =>
    [false, true].map((isStream) => {
      const name = `${client} client, ${upstream} upstream, ${isStream ? 'stream' : 'JSON'}`
      return { client, upstream, isStream, name, model: MODELS[upstream] }
    }),
  ),
)
