/** What clients of a dialect cannot be shown, with the reason. Each line is needed: a test sees to that. */
import type { ByDialect, DialectName } from '../dialect-names.ts'

export type Feature = 'id' | 'model' | 'choices' | 'refusal' | 'spoken' | 'images' | 'sources' | 'reasoningTokens'

const ONE = 'an answer has one choice'
const WORDS = 'a refusal is said in words like any other'
const WRITTEN = 'models answer in writing: what was spoken is written'
const NO_IMAGES = 'models answer with texts and calls only'

export const LIMITS: ByDialect<{ readonly [feature in Feature]?: string }> = {
  'openai-chat': {},
  'openai-responses': {
    id: 'OpenAI takes back only ids that begin with resp_',
    choices: ONE,
    spoken: WRITTEN,
    images: NO_IMAGES,
  },
  anthropic: { choices: ONE, refusal: WORDS, spoken: WRITTEN, images: NO_IMAGES },
  gemini: {
    refusal: WORDS,
    spoken: WRITTEN,
  },
  cohere: {
    model: 'an answer does not name its model',
    choices: ONE,
    refusal: WORDS,
    spoken: WRITTEN,
    images: NO_IMAGES,
  },
  bedrock: {
    id: 'an answer has no id',
    model: 'an answer does not name its model',
    choices: ONE,
    refusal: WORDS,
    spoken: WRITTEN,
    images: NO_IMAGES,
    reasoningTokens: 'thinking is counted, but not apart',
  },
}

/** The limits that some case has run into. */
export class LimitsMet {
  readonly #met = new Set<string>()

  /** Whether the client lacks the feature; to be asked only where there is something to be shown. */
  lacks(client: DialectName, feature: Feature): boolean {
    if (!(feature in LIMITS[client])) return false
    this.#met.add(`${client}: ${feature}`)
    return true
  }

  /** The lines of the table that no case has needed. */
  unmet(): string[] {
    const lines = Object.entries(LIMITS).flatMap(([client, limits]) =>
      Object.keys(limits).map((feature) => `${client}: ${feature}`),
    )
    return lines.filter((line) => !this.#met.has(line))
  }
}
