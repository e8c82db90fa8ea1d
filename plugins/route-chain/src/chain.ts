/** A chain as it runs: what the options say, read and checked. */
import type { ChatRequest } from '@sluice/core'
import type { AnswerSchema } from './answer-schema.ts'
import type { Data, Output } from './data.ts'
import type { Path } from './path.ts'
import type { Template } from './template.ts'

export interface Chain {
  name: string
  steps: ReadonlyMap<string, Step>
  /** The first that is not skipped gives the answer. */
  outputs: readonly Step[]
  runAs: 'caller' | 'chain'
  concurrency: number
  /** Milliseconds. */
  timeout: number
}

export interface Step {
  name: string
  /** Steps that must be over before. */
  needs: readonly string[]
  /** False: it is skipped. */
  runs: (data: Data) => boolean
  /** The list for whose items it runs, of so many at most. */
  each: { path: Path; most: number } | undefined
  /** A text, or what is asked of a model. */
  work: { set: Template } | Question
  /** Whether other steps refer to it. */
  isNeeded: boolean
}

export type Question = {
  model: string
  system: Template | undefined
  prompt: Template | undefined
  /** Whether the client's conversation goes along. */
  messages: boolean
  parameters: Partial<ChatRequest>
  schema: AnswerSchema | undefined
  /** Milliseconds of one call. */
  timeout: number
  retries: number
  fallback: { model: string } | { step: string } | undefined
  /** What becomes of it in the end: the output is what stands in. */
  onError: 'fail' | 'skip' | Output
}

/** Whether the step asks a model. */
export function asks(step: Step): step is Step & { work: Question } {
  return !('set' in step.work)
}
