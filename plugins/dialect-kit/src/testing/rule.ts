import type { Codec } from '@sluice/core'

/** What holds of the codecs of several dialects, and how to see that it does of one. @throws AssertionError if not */
export type Rule = readonly [what: string, holds: (chat: Codec) => void]
