/** What Anthropic says and the canonical model has no word for, and how it is kept. */
import { keeper } from '@sluice/dialect-kit'

/** The dialect's name, and the key of what it keeps in `extensions`. */
export const NAME = 'anthropic'

export const { extended, kept, leftovers, spellingOf } = keeper(NAME)
