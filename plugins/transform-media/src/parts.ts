/** Finds media by address in messages, and puts what was fetched in their place. */
import type { MediaPart, Message, Part, Source } from '@sluice/core'

export type Addressed = MediaPart & { source: { kind: 'url'; url: string } }

/** Those that users and tools gave, in order. Other schemes than HTTP's have a meaning to their provider alone. */
export function addressedIn(messages: readonly Message[]): Addressed[] {
  return messages.filter(isGiven).flatMap(({ parts }) => addressedAmong(parts))
}

function addressedAmong(parts: readonly Part[]): Addressed[] {
  return parts.flatMap((part) => {
    if (part.type === 'tool-result') return addressedAmong(part.content)
    return isAddressed(part) ? [part] : []
  })
}

function isAddressed(part: Part): part is Addressed {
  return 'source' in part && part.source.kind === 'url' && /^https?:/i.test(part.source.url)
}

function isGiven({ role }: Message): boolean {
  return role === 'user' || role === 'tool'
}

/** New messages; what holds none of `sources` is as it was. */
export function withSources(messages: readonly Message[], sources: ReadonlyMap<Part, Source>): Message[] {
  return messages.map((message) =>
    isGiven(message) ? { ...message, parts: replaced(message.parts, sources) } : message,
  )
}

function replaced(parts: readonly Part[], sources: ReadonlyMap<Part, Source>): Part[] {
  return parts.map((part) => {
    if (part.type === 'tool-result') return { ...part, content: replaced(part.content, sources) }
    const source = sources.get(part)
    return source ? ({ ...part, source } as MediaPart) : part
  })
}
