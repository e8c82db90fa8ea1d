/** The wire formats that are measured: where each is spoken and how its streams end. Contenders import this: no codecs here. */
import { DIALECTS } from '../support/dialect-names.ts'
import type { ByDialect, DialectName } from '../support/dialect-names.ts'

export type Wire = DialectName
export type ByWire<T> = ByDialect<T>
export const WIRES = DIALECTS

/** The model of each upstream; clients ask for it by the same name, whatever wire format they speak. */
export const MODELS: ByWire<string> = {
  'openai-chat': 'gpt-4o-mini',
  'openai-responses': 'gpt-4.1-mini',
  anthropic: 'claude-haiku-4-5',
  gemini: 'gemini-2.5-flash',
  cohere: 'command-a-03-2025',
  bedrock: 'amazon.nova-lite-v1:0',
}

interface Spoken {
  /** How paths begin, at a gateway and at an upstream alike. */
  path: string
  /** The rest of the path, where it tells model and stream mode. */
  call?: (model: string, stream: boolean) => string
  /** What stands among the last bytes of a whole stream, and not of a failed one. */
  ending: string
}

const SPOKEN: ByWire<Spoken> = {
  'openai-chat': { path: '/v1/chat/completions', ending: '[DONE]' },
  'openai-responses': { path: '/v1/responses', ending: '"total_tokens"' },
  anthropic: { path: '/v1/messages', ending: '"message_stop"' },
  gemini: {
    path: '/v1beta/models/',
    call: (model, stream) => `${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    ending: '"usageMetadata"',
  },
  cohere: { path: '/v2/chat', ending: '[DONE]' },
  bedrock: {
    path: '/model/',
    call: (model, stream) => `${model}/${stream ? 'converse-stream' : 'converse'}`,
    ending: '"usage"',
  },
}

/** Where to ask for `model`: path and query. */
export function pathTo(wire: Wire, model: string, stream: boolean): string {
  const { path, call } = SPOKEN[wire]
  return path + (call?.(encodeURIComponent(model), stream) ?? '')
}

/** The wire format that is spoken on `path`. */
export function wireOf(path: string): Wire | undefined {
  return WIRES.find((wire) => path.startsWith(SPOKEN[wire].path))
}

/** What a whole stream has among its last bytes. */
export function endingOf(wire: Wire): string {
  return SPOKEN[wire].ending
}
