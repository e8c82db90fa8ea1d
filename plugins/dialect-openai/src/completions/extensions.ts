/** What `openai-completions` keeps beside the canonical forms. */
import { keeperOf } from '../kept.ts'

/** The dialect's name. */
export const DIALECT = 'openai-completions'

export const { keptIn } = keeperOf(DIALECT)
