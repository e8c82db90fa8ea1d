/**
 * What a share of successes among trials can be, judged anew after every trial: a confidence sequence from the
 * beta-binomial mixture (Robbins 1970; Howard et al. 2021). It is exact for any number of trials, and however often
 * one looks: the chance that the true share is ever outside is `alpha` at most.
 */

/** Both halves of Jeffreys' prior: near the best mixture for shares close to 0. */
const PRIOR = 0.5
const LOG_BETA_PRIOR = Math.log(Math.PI)
/** Halvings of an interval of shares: 2^-30 is nearer than any guardrail. */
const STEPS = 30

/** The share is surely no smaller. */
export function shareAtLeast(successes: number, trials: number, alpha: number): number {
  if (successes === 0) return 0
  let [low, high] = [0, successes / trials]
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (isRuledOut(successes, trials, middle, alpha)) low = middle
    else high = middle
  }
  return low
}

/** The share is surely no larger; 1 if nothing is known. */
export function shareAtMost(successes: number, trials: number, alpha: number): number {
  return 1 - shareAtLeast(trials - successes, trials, alpha)
}

/** Whether the true share is surely not `share`, which is neither 0 nor 1. */
export function isRuledOut(successes: number, trials: number, share: number, alpha: number): boolean {
  const likelihood = successes * Math.log(share) + (trials - successes) * Math.log1p(-share)
  return logMixture(successes, trials) - likelihood >= -Math.log(alpha)
}

/** Log of the likelihood that the prior gives to such trials on average. */
function logMixture(successes: number, trials: number): number {
  const failures = trials - successes
  return logGamma(successes + PRIOR) + logGamma(failures + PRIOR) - logGamma(trials + 2 * PRIOR) - LOG_BETA_PRIOR
}

/** For arguments from 0.5; by Stirling's series, with an error below 1e-10. */
function logGamma(x: number): number {
  let shift = 0
  let z = x
  for (; z < 10; z++) shift += Math.log(z)
  const inverse = 1 / (z * z)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift
}
