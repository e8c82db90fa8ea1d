/**
 * `additionalModelRequestFields`: parameters in the words of the model's own vendor. Those that the
 * canonical model has a word for are read and written here, each vendor's in its own form.
 */
import type { JsonObject, Reasoning } from '@sluice/core'
import { claudeSummaryOf, claudeThinking, isObject, objectOf, textOf } from '@sluice/dialect-kit'
import { isDeepStrictEqual } from 'node:util'

/** How a vendor says one thing. */
export interface Form<T> {
  keys: readonly string[]
  /** Undefined if the fields do not say it. What they say beyond is found by writing it back. */
  read: (fields: JsonObject) => T | undefined
  write: (value: T) => JsonObject
}

const claude: Form<Reasoning> = {
  keys: ['thinking', 'output_config'],
  read({ thinking, output_config: output }) {
    const { type, budget_tokens: budgetTokens, display } = objectOf(thinking) ?? {}
    const summary = claudeSummaryOf(display)
    const effort = textOf(objectOf(output)?.effort)
    if (type === 'disabled') return { effort: 'none' }
    return {
      ...(type === 'adaptive' && { adaptive: true }),
      ...(typeof budgetTokens === 'number' && { budgetTokens }),
      ...(summary !== undefined && { summary }),
      ...(effort !== undefined && { effort }),
    }
  },
  write(reasoning) {
    const { effort } = reasoning
    const thinking = claudeThinking(reasoning)
    const isEffort = effort !== undefined && effort !== 'none'
    return { ...(thinking && { thinking }), ...(isEffort && { output_config: { effort } }) }
  },
}

const nova: Form<Reasoning> = {
  keys: ['reasoningConfig'],
  read({ reasoningConfig }) {
    const { type, maxReasoningEffort } = objectOf(reasoningConfig) ?? {}
    const effort = type === 'disabled' ? 'none' : textOf(maxReasoningEffort)
    return effort === undefined ? undefined : { effort }
  },
  write({ effort }) {
    if (effort === 'none') return { reasoningConfig: { type: 'disabled' } }
    return { reasoningConfig: { type: 'enabled', maxReasoningEffort: effort } }
  },
}

const gptOss: Form<Reasoning> = {
  keys: ['reasoning_effort'],
  read({ reasoning_effort: effort }) {
    return typeof effort === 'string' ? { effort } : undefined
  },
  write: ({ effort }) => ({ reasoning_effort: effort }),
}

const openai: Form<Reasoning> = {
  keys: ['reasoning'],
  read({ reasoning }) {
    const { effort, summary } = objectOf(reasoning) ?? {}
    if (typeof effort !== 'string') return undefined
    return { effort, ...(typeof summary === 'string' && { summary }) }
  },
  write: ({ effort, summary }) => ({ reasoning: { effort, ...(summary !== undefined && { summary }) } }),
}

export const REASONING_FORMS = { claude, nova, gptOss, openai } as const
export type ReasoningForm = keyof typeof REASONING_FORMS

const numberForm = (key: string): Form<number> => ({
  keys: [key],
  read: ({ [key]: value }) => (typeof value === 'number' ? value : undefined),
  write: (value) => ({ [key]: value }),
})

export const TOP_K_FORMS = {
  usual: numberForm('top_k'),
  cohere: numberForm('k'),
  nova: {
    keys: ['inferenceConfig'],
    read({ inferenceConfig }) {
      const topK = isObject(inferenceConfig) ? inferenceConfig.topK : undefined
      return typeof topK === 'number' ? topK : undefined
    },
    write: (topK: number) => ({ inferenceConfig: { topK } }),
  } satisfies Form<number>,
} as const
export type TopKForm = keyof typeof TOP_K_FORMS

/** A value, the name of the form that said it, and the other fields. */
export interface Reading<T, Name> {
  value: T
  form: Name
  rest: JsonObject
}

/** The first form that says all that its fields do; undefined if none does. */
export function readForm<T, Name extends string>(
  forms: { readonly [name in Name]: Form<T> },
  fields: JsonObject,
): Reading<T, Name> | undefined {
  for (const form of Object.keys(forms) as Name[]) {
    const { keys, read, write } = forms[form]
    const entries = Object.entries(fields)
    const said = Object.fromEntries(entries.filter(([key]) => keys.includes(key)))
    if (Object.keys(said).length === 0) continue
    const value = read(said)
    if (value === undefined || !isDeepStrictEqual(write(value), said)) continue
    return { value, form, rest: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))) }
  }
  return undefined
}
