/** The limits that keys, users, teams and organisations have of their own. */
import type { Principal, Scope } from '@sluice/core'
import { LimitsSection, SectionReader } from '@sluice/limit-kit'
import type { Priority } from '@sluice/limit-kit'
import { countsOf } from './count.ts'
import type { Count } from './count.ts'

/** The counts of one section; the scope's id follows their prefix. */
export interface ScopeLimits {
  requests: readonly Count[]
  spending: readonly Count[]
  priority: Priority | undefined
}

/** @param prefix of all counters */
export function scopeReader(prefix: string): SectionReader<ScopeLimits> {
  const compile = (kind: Scope['kind'], value: object): ScopeLimits => {
    const { priority, ...amounts } = value as LimitsSection
    const counts = countsOf(amounts, `${prefix}|${kind}`, { name: kind, perAttempt: false })
    return {
      requests: counts.filter(({ unit }) => unit === 'requests'),
      spending: counts.filter(({ unit }) => unit !== 'requests'),
      priority,
    }
  }
  return new SectionReader({ section: 'limits', schema: LimitsSection, compile })
}

/** The class that the key has, or else what is above it. */
export function priorityIn({ scopes }: Principal, reader: SectionReader<ScopeLimits>): Priority | undefined {
  if (!scopes) return undefined
  for (let i = 0; i < scopes.length; i++) {
    const priority = reader.read(scopes[i]!)?.priority
    if (priority) return priority
  }
  return undefined
}
