/** The two APIs whose clients and upstreams the tests across packages pair with each other. */
export type Api = 'openai' | 'anthropic'

export const APIS: readonly Api[] = ['openai', 'anthropic']

export const PATHS = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const satisfies {
  [api in Api]: string
}
