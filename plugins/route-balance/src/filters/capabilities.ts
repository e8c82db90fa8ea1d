import type { ChatRequest, Exchange, Part, Target } from '@sluice/core'

/** What a request may need of a model, in the words of `about.capabilities`. */
const NEEDS = ['tools', 'json-schema', 'vision', 'audio', 'video', 'files'] as const
type Need = (typeof NEEDS)[number]

const NEED_OF: { readonly [type: string]: Need } = { image: 'vision', audio: 'audio', video: 'video', file: 'files' }
const NONE: ReadonlySet<Need> = new Set()

/** What the request needs that the target, by its own account, cannot do. Whoever gives no account can do all. */
export function missing({ about }: Target, needs: ReadonlySet<Need>): readonly Need[] {
  const { capabilities } = about ?? {}
  if (!capabilities || needs.size === 0) return []
  return [...needs].filter((need) => !capabilities.includes(need))
}

/** @throws GatewayError `invalid_request` if the body has a wrong shape */
export function needsOf(exchange: Exchange): ReadonlySet<Need> {
  if (exchange.operation !== 'chat' || exchange.raw) return NONE
  const { tools, responseFormat, messages } = exchange.request as ChatRequest
  const needs = new Set<Need>()
  if (tools && tools.length > 0) needs.add('tools')
  if (responseFormat?.type === 'json-schema') needs.add('json-schema')
  for (const { parts } of messages) addNeeds(parts, needs)
  return needs
}

function addNeeds(parts: readonly Part[], needs: Set<Need>): void {
  for (const part of parts) {
    const need = NEED_OF[part.type]
    if (need) needs.add(need)
    if (part.type === 'tool-result') addNeeds(part.content, needs)
  }
}
