/** Keeps a streamed answer: writes it as its client gets it, to know the response that it ends with. */
import type { JsonObject, StreamPart, StreamStage, StreamWriter } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import { echoedFinish, echoedStart } from './echo.ts'

export interface StageTools {
  /** @param created Unix seconds */
  envelope: (created?: number) => JsonObject
  /** Undefined if nothing is to be kept. */
  writer: StreamWriter | undefined
  /** Characters at most. */
  limit: number
  /** @returns whether it was kept */
  keep: (response: JsonObject) => Promise<boolean>
}

const NOTHING: StreamPart[] = []

export class ResponseStage implements StreamStage {
  readonly #tools: StageTools
  #envelope: JsonObject | undefined
  #finish: Extract<StreamPart, { type: 'finish' }> | undefined
  #size = 0
  #failed = false

  constructor(tools: StageTools) {
    this.#tools = tools
  }

  push(part: StreamPart): StreamPart[] {
    if (part.type === 'error') this.#failed = true
    if (part.type === 'finish' && !part.choice) {
      // Whether the response is kept stands in its last event.
      this.#finish ??= part
      return NOTHING
    }
    const passed = part.type === 'start' ? this.#start(part) : part
    this.#size += sizeOf(passed)
    if (this.#size <= this.#tools.limit) this.#tools.writer?.push(passed)
    return [passed]
  }

  async flush(): Promise<StreamPart[]> {
    const { writer, limit, keep } = this.#tools
    const finish = this.#finish
    if (finish === undefined) return NOTHING
    if (writer === undefined || this.#failed) return [finish]
    let kept = false
    if (this.#size <= limit) {
      writer.push(finish)
      const response = lastResponse(String(writer.end()))
      kept = response !== undefined && (await keep(response))
    }
    return [
      kept || this.#envelope === undefined
        ? finish
        : echoedFinish(finish, { ...this.#envelope, store: false, completed_at: now() }),
    ]
  }

  #start(part: Extract<StreamPart, { type: 'start' }>): StreamPart {
    this.#envelope = this.#tools.envelope(part.created)
    return echoedStart(part, this.#envelope)
  }
}

const now = (): number => Math.floor(Date.now() / 1000)

/** Characters that are remembered of it. */
export function sizeOf(part: StreamPart): number {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return part.text.length
    case 'tool-call-delta':
      return part.arguments.length
    case 'reasoning-signature':
      return part.signature.length
    case 'reasoning-redacted':
      return part.data.length
    default:
      return 1
  }
}

/** The response in the last of some frames. */
export function lastResponse(frames: string): JsonObject | undefined {
  const event = tryParse(frames.slice(frames.lastIndexOf('\ndata: ') + '\ndata: '.length))
  return isObject(event) && isObject(event.response) ? event.response : undefined
}
