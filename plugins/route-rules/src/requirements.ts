import { globs } from '@sluice/core'
import type { Target } from '@sluice/core'
import type { Requirement } from './rule-schema.ts'

/** Why a target may not serve, as a clause; undefined if it may. */
export type Objection = (target: Target) => string | undefined

export function compileRequirement({ tags = [], regions }: Requirement): Objection {
  const isThere = regions && globs(regions)
  return ({ tags: own = [], region }) => {
    const missing = tags.find((tag) => !own.includes(tag))
    if (missing !== undefined) return `it has no tag "${missing}"`
    if (!isThere || (region !== undefined && isThere(region))) return undefined
    return region === undefined ? 'its region is not known' : `its region is "${region}"`
  }
}
