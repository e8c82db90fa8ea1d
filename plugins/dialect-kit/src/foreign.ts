/** What only another vendor can run, understand or look up is refused: leaving it out would change the question. */
import { invalidRequest } from '@sluice/core'
import type { GatewayError, Message, Part, RawPart, RawTool } from '@sluice/core'
import { textOf } from './json.ts'

/** For a tool of another dialect, at `index`. @param taker who cannot use it, as people call it */
export function foreignTool({ value, dialect }: RawTool, index: number, taker: string): GatewayError {
  const kind = textOf(value.type) ?? textOf(value.name) ?? Object.keys(value)[0] ?? 'nameless'
  const at = `tools[${index}]`
  return invalidRequest(`"${at}" is the tool "${kind}", which only ${dialect} has; ${taker} cannot use it.`, at)
}

/** For a part of another dialect. @param at its path, if that is known */
export function foreignPart({ value, dialect }: RawPart, taker: string, at?: string): GatewayError {
  const kind = textOf(value.type) ?? Object.keys(value)[0] ?? 'unknown'
  const what = at === undefined ? 'A message holds' : `"${at}" is`
  return invalidRequest(
    `${what} a part of type "${kind}" that only ${dialect} knows; ${taker} cannot take it.`,
    at ?? 'messages',
  )
}

/**
 * For conversations from clients of another vendor: the ids of files mean something only where they are stored.
 * @throws GatewayError `invalid_request` that names the first part with one
 */
export function refuseStoredFiles(messages: readonly Message[], taker: string): void {
  for (const [index, { parts }] of messages.entries()) refuseStored(parts, `messages[${index}].content`, taker)
}

function refuseStored(parts: readonly Part[], at: string, taker: string): void {
  for (const [index, part] of parts.entries()) {
    const path = `${at}[${index}]`
    if (part.type === 'tool-result') refuseStored(part.content, `${path}.content`, taker)
    else if ('source' in part && part.source.kind === 'file')
      throw invalidRequest(
        `"${path}" is the file "${part.source.id}", which is stored at another provider; ${taker} cannot read it. Send its bytes.`,
        path,
      )
  }
}
