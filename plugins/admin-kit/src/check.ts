/** What a client sent against what the route takes. */
import { checkValue, GatewayError } from '@sluice/core'
import type { TSchema } from '@sluice/core'

/** Mistakes in one message. */
const TOLD = 5

/** Fills defaults into `value`. @throws GatewayError `invalid_request` that names what is wrong and where */
export function check(schema: TSchema, value: unknown): void {
  const mistakes = checkValue(schema, value)
  const [first] = mistakes
  if (!first) return
  const problems = mistakes.map(({ at, text }) => (at === '' ? text : `${at}: ${text}`))
  const message = problems.slice(0, TOLD).join(' ')
  throw new GatewayError('invalid_request', message, { problems, ...(first.at !== '' && { param: first.at }) })
}
