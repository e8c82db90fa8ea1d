/** The items that a model writes, and a client sends back, as parts of a turn. */
import type { JsonObject, Part } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { decodeCall } from './calls.ts'
import { rawPart } from './content.ts'
import { decodeMessage } from './message-item.ts'
import { readMark } from './origin.ts'
import { decodeReasoning } from './reasoning.ts'

/** Decodes the items of one conversation or answer, in their order. Never fails: what it does not know is a raw part. */
export class ItemDecoder {
  /** Other providers' signatures of calls, which came in items of their own, by id of the call. */
  readonly #signatures = new Map<string, string>()

  decode(wire: JsonObject): Part[] {
    switch (wire.type) {
      case 'message':
        return decodeMessage(wire)
      case 'function_call':
      case 'custom_tool_call': {
        const call = decodeCall(wire)
        const signature = this.#signatures.get(call.id)
        return [signature === undefined ? call : { ...call, signature }]
      }
      case 'reasoning':
        return this.#decodeReasoning(wire)
      default:
        return [rawPart(wire, 'item')]
    }
  }

  #decodeReasoning(wire: JsonObject): Part[] {
    const proof = readMark(wire.encrypted_content)
    if (proof?.call === undefined || proof.signature === undefined) return [decodeReasoning(wire)]
    this.#signatures.set(proof.call, proof.signature)
    return []
  }
}

/** The parts of an answer's `output`. */
export function decodeOutput(output: readonly unknown[]): Part[] {
  const decoder = new ItemDecoder()
  return output.filter(isObject).flatMap((item) => decoder.decode(item))
}
