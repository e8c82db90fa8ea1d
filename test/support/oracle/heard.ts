/** What a client of one dialect must hear of an answer that came over another one. */
import type { DialectName } from '../dialect-names.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { wordFor } from './finish.ts'
import type { LimitsMet } from './limits.ts'

export interface Hearing {
  client: DialectName
  upstream: DialectName
  met: LimitsMet
}

/** `answer` as the client must hear it; '' stands for what is the gateway's to fill in. */
export function heardBy({ client, upstream, met }: Hearing, { id, model, choices, tokens }: Answer): Answer {
  const isKept = (value: string, feature: 'id' | 'model'): boolean => value !== '' && !met.lacks(client, feature)
  const shown = choices.length > 1 && met.lacks(client, 'choices') ? choices.slice(0, 1) : choices
  return {
    id: isKept(id, 'id') ? id : '',
    model: isKept(model, 'model') ? model : '',
    choices: shown.map((choice) => choiceFor({ client, upstream, met }, choice)),
    tokens: tokensFor(client, met, tokens),
  }
}

function choiceFor({ client, upstream, met }: Hearing, choice: Choice): Choice {
  const { refusal, spoken, images, sources } = choice
  const inWords = [
    refusal !== '' && met.lacks(client, 'refusal') ? refusal : '',
    spoken !== '' && met.lacks(client, 'spoken') ? spoken : '',
  ]
  const list = (items: string[], feature: 'images' | 'sources'): string[] =>
    items.length > 0 && met.lacks(client, feature) ? [] : items
  return {
    ...choice,
    text: choice.text + inWords.join(''),
    refusal: inWords[0] ? '' : refusal,
    spoken: inWords[1] ? '' : spoken,
    images: list(images, 'images'),
    sources: list(sources, 'sources'),
    finish: wordFor(client, upstream, choice),
  }
}

function tokensFor(client: DialectName, met: LimitsMet, tokens: Tokens | undefined): Tokens | undefined {
  if (tokens === undefined) return ALWAYS_COUNTS.includes(client) ? NO_TOKENS : undefined
  return tokens.reasoning > 0 && met.lacks(client, 'reasoningTokens') ? { ...tokens, reasoning: 0 } : tokens
}

/** Their answers are not complete without counts. */
const ALWAYS_COUNTS: readonly DialectName[] = ['anthropic', 'bedrock']
const NO_TOKENS = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 }
