import type { JsonObject } from '@sluice/core'
import type { Settings } from '../settings.ts'

export const SETTINGS: Settings = {
  numbers: [
    ['max_tokens', 'maxTokens'],
    ['temperature', 'temperature'],
    ['top_p', 'topP'],
    ['frequency_penalty', 'frequencyPenalty'],
    ['presence_penalty', 'presencePenalty'],
    ['seed', 'seed'],
    ['n', 'n'],
  ],
  booleans: [],
  texts: [['user', 'user']],
}

/** Fields that only this API has, and the value with which they say what holds at others anyway. */
export const USUAL: JsonObject = { echo: false, best_of: 1 }
