/** What keeps a request to a target. */
import type { Exchange, JsonObject } from '@sluice/core'
import { hashText } from '@sluice/route-kit'
import { prefixOf } from './prompt-prefix.ts'

/** A number for the session, the caller, … of an exchange; undefined if it has none. */
export type StickyKey = (exchange: Exchange) => number | undefined
type Source = (exchange: Exchange) => string | number | undefined

const DEFAULT = ['session', 'user', 'key']
/** Characters of a word that count. */
const LENGTH = 256
const NO_FIELDS: JsonObject = Object.freeze({})

const SOURCES: { readonly [name: string]: Source } = {
  session: (exchange) => {
    const { headers } = exchange
    const { metadata, prompt_cache_key: cacheKey } = fieldsOf(exchange)
    const session = headers['x-session-id'] ?? headers['session-id'] ?? headers['x-sluice-session']
    return textOf(session) ?? textOf(cacheKey) ?? textOf((metadata as JsonObject | undefined)?.['session_id'])
  },
  user: (exchange) => {
    const { user, safety_identifier: identifier, metadata } = fieldsOf(exchange)
    const named = textOf(user) ?? textOf(identifier) ?? textOf((metadata as JsonObject | undefined)?.['user_id'])
    return named ?? exchange.principal.user
  },
  key: ({ principal }) => principal.key,
  team: ({ principal }) => principal.team,
  prefix: (exchange) => prefixOf(fieldsOf(exchange)),
}

/** @param by as in the config: the first that an exchange has counts */
export function stickyKey(by: readonly string[] = DEFAULT): StickyKey {
  // A word of one source is another key than the same word of another one.
  const sources = by.map((name) => ({ source: sourceOf(name), seed: hashText(name) }))
  return (exchange) => {
    for (const { source, seed } of sources) {
      const word = source(exchange)
      if (typeof word === 'number') return word
      if (word !== undefined && word !== '') return hashText(word.slice(0, LENGTH), seed)
    }
    return undefined
  }
}

function sourceOf(name: string): Source {
  const [kind, field = ''] = name.split(':', 2)
  if (kind === 'header') {
    const header = field.toLowerCase()
    return ({ headers }) => textOf(headers[header])
  }
  if (kind === 'metadata') return (exchange) => textOf((fieldsOf(exchange)['metadata'] as JsonObject | null)?.[field])
  return SOURCES[name]!
}

/** Of a body that nobody reads, none. */
function fieldsOf(exchange: Exchange): JsonObject {
  return exchange.raw ? NO_FIELDS : exchange.json
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
