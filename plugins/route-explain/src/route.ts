/** `POST /admin/v1/explain` */
import { adminRoute } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { Gateway, JsonObject } from '@sluice/core'
import type { Prices } from '@sluice/usage-kit'
import { runDry } from './dry-run.ts'
import { As, principalOf } from './principal.ts'
import { reportOf } from './report.ts'
import { OPERATIONS, requestIn } from './request.ts'
import { appliedTaps } from './taps.ts'

/** What it takes to be told. */
export const PERMISSION = 'routing:read'

const anything = Type.Unsafe<JsonObject>({ type: 'object', description: 'The body that a client would send.' })
const Question = Type.Object({
  request: anything,
  dialect: Type.Optional(
    Type.String({ maxLength: 100, default: 'openai-chat', description: 'Dialect that `request` is in.' }),
  ),
  operation: Type.Optional(Type.Enum([...OPERATIONS], { default: 'chat', description: 'What is asked for.' })),
  as: Type.Optional(As),
  headers: Type.Optional(
    Type.Unsafe<{ [name: string]: string }>({
      type: 'object',
      maxProperties: 50,
      additionalProperties: { type: 'string', maxLength: 4096 },
      description: 'Headers that the client would send.',
    }),
  ),
})

/** @param id of the plugin instance, whose own taps nobody asks about */
export function mountExplain(admin: AdminContext, gateway: Gateway, id: string, prices: Prices | undefined): void {
  const route = {
    method: 'post',
    path: '/explain',
    permission: PERMISSION,
    summary: 'Say what would happen to a request, without asking a model.',
    body: Question,
    response: Type.Object({}, { additionalProperties: true }),
  } as const
  adminRoute(admin, route, async ({ body, exchange: parent }) => {
    const { dialect = 'openai-chat', operation = 'chat', as, headers = {} } = body
    const request = requestIn(body.request, dialect, operation, gateway.dialects())
    const principal = await principalOf(as, admin.store, parent.principal)
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const { exchange, run } = await runDry(gateway, { request, principal, headers: lower, parent })
    const { error, ...report } = reportOf(exchange, run.targets ?? [], prices)
    const { id: who, key, user, team, organisation, tags = [], roles = [] } = exchange.principal
    return {
      outcome: run.targets ? 'would-call' : error ? 'refused' : 'answered',
      target: report.candidates.find(({ place }) => place === 1)?.target ?? null,
      as: { id: who, key, user, team, organisation, tags, roles },
      error: run.targets ? null : error,
      ...report,
      taps: appliedTaps(gateway.inspect(), exchange, id),
      limits: run.limits,
    }
  })
}
