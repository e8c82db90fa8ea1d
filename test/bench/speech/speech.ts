import type { Frames } from '@sluice/core'
import type { Turn } from '../content.ts'

/** How one wire format says what the benchmark says. */
export interface Speech {
  /** The client's request, as an SDK writes it. */
  request(model: string, turns: readonly Turn[], stream: boolean): object
  /** The upstream's whole answer. */
  reply(text: string): object
  /** The upstream's streamed answer: what it sends for each piece, and before and after them. */
  frames(pieces: readonly string[]): Frames[]
}
