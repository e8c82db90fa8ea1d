/** A part of a request, of whatever dialect it came from. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, MediaPart, Part, ToolResultPart } from '@sluice/core'
import { foreignPart } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { encodeMedia } from './media.ts'
import { argsOf, encodeCall, encodeText, encodeThought } from './parts.ts'
import { encodeResult } from './results.ts'

/** @param path of the part, for messages @throws GatewayError `invalid_request` for what Gemini cannot take */
export function encodeRequestPart(part: Part, path: string): JsonObject {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return encodeThought(part)
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return mediaPart(part, path)
    case 'tool-call': {
      const args = argsOf(part.arguments)
      if (args !== undefined) return encodeCall(part, args)
      throw invalidRequest(`The arguments of the tool call "${part.id}" in "${path}" are not a JSON object.`, path)
    }
    case 'tool-result':
      return encodeResult(part, resultItems(part, path))
    case 'raw':
      if (part.dialect === NAME) return part.value
      throw foreignPart(part, 'Gemini', path)
  }
}

function mediaPart(part: MediaPart, path: string): JsonObject {
  if (part.source.kind === 'text') return { text: part.source.text }
  const wire = encodeMedia(part)
  if (wire !== undefined) return wire
  throw invalidRequest(`"${path}" is a file at another provider, which Gemini cannot read.`, path)
}

/** What stands in a result beside its texts. */
function resultItems(part: ToolResultPart, path: string): JsonObject[] {
  return part.content.flatMap<JsonObject>((item, index) =>
    item.type === 'text' ? [] : encodeRequestPart(item, `${path}.content[${index}]`),
  )
}
