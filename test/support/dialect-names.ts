/** The dialects of chat whose clients and upstreams are paired with each other. */
export const DIALECTS = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'cohere', 'bedrock'] as const

export type DialectName = (typeof DIALECTS)[number]
export type ByDialect<T> = { readonly [dialect in DialectName]: T }

/** Every client with every upstream. */
export const PAIRS: readonly { client: DialectName; upstream: DialectName }[] = DIALECTS.flatMap((client) =>
  DIALECTS.map((upstream) => ({ client, upstream })),
)
