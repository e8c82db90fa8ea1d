/** What can be told of a model by its name. */

/** How much a model can be told to think (https://ai.google.dev/gemini-api/docs/thinking). */
export type ThinkingRange =
  | { by: 'level'; least: 'minimal' | 'low' }
  /** In tokens; `stops` if it can also do without. */
  | { by: 'budget'; least: number; most: number; stops: boolean }

export interface Abilities {
  /** Undefined for models that do not think. */
  thinking: ThinkingRange | undefined
  /** Since Gemini 3, calls must bring their signatures back, and results of functions may hold media. */
  signsCalls: boolean
}

/** `gemini-2.5-flash-lite`, `publishers/google/models/gemini-3.1-pro-preview`; not `gemini-flash-latest`. */
const VERSION = /gemini-(\d+)(?:\.(\d+))?(?![\d.])/

/**
 * By version, so that models to come, and aliases without one, are judged like the newest known. A budget is
 * understood by all models that think: it is for names of another kind, such as those of tuned models.
 */
export function abilitiesOf(model: string): Abilities {
  const match = VERSION.exec(model)
  if (match === null && !model.includes('gemini-')) {
    return { thinking: { by: 'budget', least: 512, most: 24_576, stops: true }, signsCalls: false }
  }
  const version = match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * 100 + Number(match[2] ?? 0)
  if (version < 205) return { thinking: undefined, signsCalls: false }
  if (version < 300) return { thinking: budgetOf(model), signsCalls: false }
  const isOlderFlash = version < 400 && /flash/.test(model) && (version < 307 || model.includes('flash-lite'))
  return { thinking: { by: 'level', least: isOlderFlash ? 'minimal' : 'low' }, signsCalls: true }
}

function budgetOf(model: string): ThinkingRange {
  if (model.includes('pro')) return { by: 'budget', least: 128, most: 32_768, stops: false }
  return { by: 'budget', least: model.includes('flash-lite') ? 512 : 1, most: 24_576, stops: true }
}
