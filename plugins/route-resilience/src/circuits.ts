/** Circuit breakers for operators. */
import { adminRoute } from '@sluice/admin-kit'
import type { AdminContext, ReadContext } from '@sluice/admin-kit'
import { Duration, milliseconds, parseTarget, Type } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { nameOf } from './health.ts'
import type { Patient, TargetsHealth } from './health.ts'
import { apply } from './shared-health.ts'

const Circuit = Type.Object({
  target: Type.String({ description: '`provider/model`' }),
  state: Type.Enum(['closed', 'open', 'half-open'], { description: '`half-open`: one call at a time may try.' }),
  reason: Type.Optional(Type.String({ description: 'Why it is not closed.' })),
  opensFor: Type.Optional(Type.Number({ description: 'Seconds until a call may try.' })),
  calls: Type.Integer({ description: 'Calls lately, in this process.' }),
  errorRate: Type.Number({ description: 'Part of them that failed.' }),
})

const Order = Type.Object({
  target: Type.String({ pattern: '^[^/]+/.+$', description: '`provider/model`' }),
  open: Type.Boolean({ description: 'Whether calls of it are given up for now.' }),
  for: Type.Optional(Duration('How long it is open; 10m if absent, 7d at most.')),
})

const PATH = '/routing/circuits'
/** Longest time that an operator may take a target out for, in milliseconds: one should not be forgotten. */
const LONGEST = 7 * 86_400_000

/** `GET` and `PUT /admin/v1/routing/circuits`. */
export function mountCircuits(admin: AdminContext | ReadContext, health: TargetsHealth, clock: RouteClock): void {
  adminRoute(
    admin,
    {
      method: 'get',
      path: PATH,
      permission: 'routing:read',
      summary: 'The circuit breakers of all targets that were called lately',
      response: Type.Object({ data: Type.Array(Circuit) }),
    },
    () => ({ data: Array.from(health.patients(), (patient) => shown(patient, clock.now())) }),
  )
  adminRoute(
    admin,
    {
      method: 'put',
      path: PATH,
      permission: 'routing:write',
      summary: 'Takes a target out for some time, or back in',
      body: Order,
      response: Circuit,
      action: 'routing.circuit',
      subject: ({ body }) => `target:${body.target}`,
    },
    ({ body: { target, open, for: duration = '10m' } }) => {
      const time = open ? Math.min(LONGEST, milliseconds(duration)) : 0
      apply(target, { for: time, reason: 'an operator took it out', by: 'operator' }, health, clock.now())
      return shown(health.of(parseTarget(target)), clock.now())
    },
  )
}

function shown(patient: Patient, now: number): JsonObject {
  const { breaker } = patient
  const { opened } = breaker
  return {
    target: nameOf(patient),
    state: breaker.phase(now),
    ...(opened && { reason: opened.reason, opensFor: Math.max(0, opened.until - now) / 1000 }),
    calls: breaker.calls(now),
    errorRate: breaker.errorRate(now),
  }
}
