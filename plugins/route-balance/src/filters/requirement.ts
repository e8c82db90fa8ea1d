import { checkValue, globs } from '@sluice/core'
import type { JsonObject, Principal, Target } from '@sluice/core'
import { Require } from '../options.ts'

/** What a target must be; undefined if it is, else why not. */
export type Requirement = (target: Target) => string | undefined

/** Where a principal's metadata say it. */
const POLICY = 'data-policy'

/** All of the requirements that are given; undefined if there are none. */
export function compileRequire(...requires: readonly (Require | undefined)[]): Requirement | undefined {
  const tests = requires.flatMap((require) => (require ? [compile(require)] : []))
  if (tests.length <= 1) return tests[0]
  return (target) => {
    for (const test of tests) {
      const reason = test(target)
      if (reason !== undefined) return reason
    }
    return undefined
  }
}

function compile({ regions, tags = [] }: Require): Requirement {
  const isAllowed = regions && globs(regions)
  return ({ region, tags: own = [] }) => {
    if (isAllowed && region === undefined) return `its region is not known to be ${regions.join(' or ')}`
    if (isAllowed && !isAllowed(region!)) return `its region ${region} is not ${regions.join(' or ')}`
    const lacking = tags.find((tag) => !own.includes(tag))
    return lacking === undefined ? undefined : `it is not tagged ${lacking}`
  }
}

/** Of policies that keys carry: the same objects, request after request. */
const compiled = new WeakMap<JsonObject, Requirement>()

/**
 * What `metadata['data-policy']` of the caller demands: `{ regions, tags }`, as in the config.
 * @throws Error if it says something else: nobody's data goes elsewhere because of a misspelt word
 */
export function policyOf({ metadata }: Principal): Requirement | undefined {
  const policy = metadata?.[POLICY]
  if (policy === undefined || policy === null) return undefined
  if (typeof policy !== 'object') throw new Error(`metadata["${POLICY}"] of the caller must be an object`)
  const known = compiled.get(policy as JsonObject)
  if (known) return known
  const [mistake] = checkValue(Require, policy)
  if (mistake) throw new Error(`metadata["${POLICY}"] of the caller: ${mistake.at}: ${mistake.text}`)
  const requirement = compile(policy)
  compiled.set(policy as JsonObject, requirement)
  return requirement
}
