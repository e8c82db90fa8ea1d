import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { FRAME_LIMIT, textOf } from '@sluice/dialect-kit'
import { inputOrText } from './blocks.ts'

/** A block that only Anthropic understands, put together from its events: a server tool's call or result, a compaction. */
export class RawBlock {
  readonly index: number
  readonly #block: JsonObject
  #json = ''
  #size = 0

  constructor(index: number, block: JsonObject) {
    this.index = index
    this.#block = { ...block }
  }

  /** Texts grow; anything else takes the place of what was there. */
  add(delta: JsonObject): void {
    for (const key in delta) {
      const value = delta[key]
      if (typeof value === 'string') this.#size += value.length
      if (key === 'partial_json') this.#json += textOf(value) ?? ''
      else if (key !== 'type') this.#block[key] = joined(this.#block[key], value)
    }
    if (this.#size > FRAME_LIMIT) {
      throw new GatewayError(
        'upstream_error',
        `The upstream sent a content block of more than ${FRAME_LIMIT} characters.`,
      )
    }
  }

  value(): JsonObject {
    return this.#json === '' ? this.#block : { ...this.#block, input: inputOrText(this.#json) }
  }
}

function joined(before: unknown, value: unknown): unknown {
  return typeof before === 'string' && typeof value === 'string' ? before + value : value
}
