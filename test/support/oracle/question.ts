/** What a request asks, in neutral words; read from the raw JSON like the answers beside this file. */
export interface Question {
  /** All that stands above the conversation, joined by line ends. */
  system: string
  turns: Turn[]
  tools: { name: string; description: string; schema: unknown }[]
  /** `tool <name>` for a named one; '' if nothing is said. */
  toolChoice: string
  parallel: boolean | undefined
  /** Wanted form of the answer. */
  schema: unknown
  limit: number | undefined
  temperature: number | undefined
  stop: unknown[]
  stream: boolean
}

export type Turn =
  | { by: 'user' | 'assistant'; text: string }
  /** As a data URL or the address. */
  | { by: 'user'; image: string }
  | { by: 'assistant'; call: string; name: string; arguments: unknown }
  | { by: 'tool'; call: string; result: string }
