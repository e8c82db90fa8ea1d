/** What answers of models are worth to a chain. */
import { GatewayError } from '@sluice/core'
import type { ChatResponse, Finish } from '@sluice/core'
import { LONGEST } from './render.ts'

/** @throws GatewayError `content_blocked` if the model refused, `upstream_error` if it said nothing, or far too much */
export function textOf({ choices }: ChatResponse): string {
  const { parts = [], finish = { unified: 'other' as const } } = choices[0] ?? {}
  if (isRefusal(finish) || parts.some(({ type }) => type === 'refusal')) {
    throw new GatewayError('content_blocked', 'the model refused to answer.')
  }
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  if (text.trim() === '') throw nothingSaid()
  if (text.length > LONGEST)
    throw new GatewayError('upstream_error', `the answer is longer than ${LONGEST} characters.`)
  return text
}

/** Whether an answer that goes to the client as it is has nothing in it, although the model ended it by itself. */
export function isNothing({ choices }: ChatResponse): boolean {
  return choices.every(({ parts, finish }) => {
    const isSaid = parts.some((part) => part.type !== 'reasoning' && !(part.type === 'text' && part.text.trim() === ''))
    return !isSaid && endedByItself(finish)
  })
}

export function nothingSaid(): GatewayError {
  return new GatewayError('upstream_error', 'the model gave an empty answer.')
}

/** Not cut, blocked or refused, of which a client is told in the answer's own words. */
export function endedByItself({ unified }: Finish): boolean {
  return unified === 'stop' || unified === 'other'
}

function isRefusal({ unified }: Finish): boolean {
  return unified === 'refusal' || unified === 'content-filter'
}
