/** The items that a model writes, and a client sends back, as parts of a turn. */
import type { JsonObject, Part } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { decodeCall } from './calls.ts'
import { rawPart } from './content.ts'
import { decodeMessage } from './message-item.ts'
import { decodeReasoning } from './reasoning.ts'

/** Never fails: an item of a kind that is not known is a raw part. */
export function decodeItem(wire: JsonObject): Part[] {
  switch (wire.type) {
    case 'message':
      return decodeMessage(wire)
    case 'function_call':
    case 'custom_tool_call':
      return [decodeCall(wire)]
    case 'reasoning':
      return [decodeReasoning(wire)]
    default:
      return [rawPart(wire, 'item')]
  }
}

/** The parts of an answer's `output`. */
export function decodeOutput(output: readonly unknown[]): Part[] {
  return output.filter(isObject).flatMap(decodeItem)
}
