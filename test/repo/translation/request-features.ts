/** All that a chat request can ask for, each in a canonical request of its own. */
import type { ChatRequest } from '@sluice/core'
import { conversation } from './features/conversation.ts'
import { media } from './features/media.ts'
import { settings } from './features/settings.ts'
import { tools } from './features/tools.ts'
import type { Pair } from './sending.ts'
import type { Marks } from './marks.ts'

export interface RequestFeature {
  name: string
  /** The request that asks for it. */
  request: (pair: Pair) => ChatRequest
  /** The same request without it. */
  without: (pair: Pair) => ChatRequest
  /** Texts and numbers by which it is recognised; without any, all that is said more. */
  marks: Marks
  /** Nothing is lost where nothing is said: it holds anyway, or means nothing there. */
  isDispensable?: boolean
}

export const REQUEST_FEATURES: readonly RequestFeature[] = [...conversation, ...media, ...tools, ...settings]
