/** What `openai-responses` keeps beside the canonical forms, and where. */
import { keeperOf } from '../kept.ts'

/** The dialect's name. */
export const DIALECT = 'openai-responses'

export const { extensions, keptIn } = keeperOf(DIALECT)
