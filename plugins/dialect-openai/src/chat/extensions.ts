/** What `openai-chat` keeps beside the canonical forms, and where. */
import { keeperOf } from '../kept.ts'

/** The dialect's name. */
export const DIALECT = 'openai-chat'

export const { extensions, keptIn } = keeperOf(DIALECT)
