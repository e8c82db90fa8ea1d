/** What a client is told whose budget does not hold the request. */
import { GatewayError } from '@sluice/core'
import type { Claim, Level } from '@sluice/store-kit'
import { asDollars } from './budget.ts'
import type { Budget } from './budget.ts'

/** @param retryAfter milliseconds, Infinity if never */
export function refusal(budget: Budget, claim: Claim, { remaining }: Level, retryAfter: number): GatewayError {
  const which = `the budget "${budget.name}" of ${budget.text}`
  const cost = `The request may cost up to ${asDollars(claim.amount)}`
  const advice = 'Lower the limit of its output or send less'
  if (claim.amount > claim.limit) return refused(`${cost}, more than ${which} ever holds. ${advice}.`)
  const left =
    remaining > 0
      ? `${cost}, and ${asDollars(remaining)} of ${which} are left. ${advice}.`
      : `All of ${which} is spent or reserved.`
  return refused(`${left} ${renewal(claim, retryAfter)}`, retryAfter)
}

function refused(text: string, retryAfter = Infinity): GatewayError {
  return new GatewayError('budget_exceeded', text, retryAfter === Infinity ? {} : { retryAfter: retryAfter / 1000 })
}

function renewal(claim: Claim, retryAfter: number): string {
  if (claim.kind === 'window')
    return claim.until === Infinity ? 'It is not renewed.' : `It starts anew at ${new Date(claim.until).toISOString()}.`
  return `It comes back evenly: try again in ${Math.ceil(retryAfter / 60_000)} min.`
}
