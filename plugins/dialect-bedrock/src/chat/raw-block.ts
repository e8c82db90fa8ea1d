import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { FRAME_LIMIT, isObject, objectOf, textOf, tryParse } from '@sluice/dialect-kit'

/**
 * A streamed block that only Bedrock understands, put together from its events: the call of a tool that
 * runs at the provider, its result, an image.
 */
export class RawBlock {
  readonly #kind: string
  readonly #block: JsonObject
  #input: string | undefined
  #size = 0

  /** @param kind the field that `start` stood in, e.g. `toolResult` */
  constructor(kind: string, start: JsonObject) {
    this.#kind = kind
    this.#block = { ...start }
  }

  /** Texts of a call's input grow, pieces of a result are listed, anything else takes the place of what was there. */
  add(delta: JsonObject): void {
    const piece = delta[this.#kind]
    this.#size += JSON.stringify(delta).length
    if (this.#size > FRAME_LIMIT)
      throw new GatewayError(
        'upstream_error',
        `The upstream sent a content block of more than ${FRAME_LIMIT} characters.`,
      )
    if (Array.isArray(piece)) {
      const content = Array.isArray(this.#block.content) ? (this.#block.content as unknown[]) : []
      this.#block.content = content
      for (const item of piece) content.push(item)
    } else if (isObject(piece)) {
      const { input, ...others } = piece
      Object.assign(this.#block, others)
      if (typeof input === 'string') this.#input = (this.#input ?? '') + input
    }
  }

  /** The block as it would stand in a whole answer. */
  value(): JsonObject {
    const input = this.#input === undefined ? {} : { input: tryParse(this.#input || '{}') ?? this.#input }
    return { [this.#kind]: { ...this.#block, ...input } }
  }
}

/** Of which of its fields a block's start consists; the others come in deltas. */
const START_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['toolUse', ['toolUseId', 'name', 'type']],
  ['toolResult', ['toolUseId', 'type', 'status']],
  ['image', ['format']],
])

/** A whole block as the start and the one delta that streams it; undefined for blocks that cannot be streamed. */
export function streamed(block: JsonObject): { start: JsonObject; delta: JsonObject | undefined } | undefined {
  const [kind = ''] = Object.keys(block)
  const fields = START_FIELDS.get(kind)
  const value = objectOf(block[kind])
  if (fields === undefined || value === undefined) return undefined
  const start = Object.fromEntries(Object.entries(value).filter(([key]) => fields.includes(key)))
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !fields.includes(key)))
  return { start: { [kind]: start }, delta: Object.keys(rest).length > 0 ? { [kind]: deltaOf(kind, rest) } : undefined }
}

function deltaOf(kind: string, rest: JsonObject): unknown {
  if (kind === 'toolResult') return rest.content ?? []
  return kind === 'toolUse' ? { input: textOf(rest.input) ?? JSON.stringify(rest.input) } : rest
}
