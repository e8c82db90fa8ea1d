/** `/admin/v1/rollouts`: rollouts made while the gateway runs, and the handling of all. */
import { adminResource, adminRoute, AdminReply, etag, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import type { AdminCall, AdminContext } from '@sluice/admin-kit'
import { GatewayError, invalidRequest, Type } from '@sluice/core'
import type { Journal } from '@sluice/store-kit'
import type { Book } from './book.ts'
import { strangers } from './configured.ts'
import { EXPOSURES } from './exposures.ts'
import type { Live } from './live.ts'
import { StoredRollout } from './options.ts'
import type { RolloutDefinition } from './options.ts'
import { planOf } from './plan.ts'
import { DEFINITIONS } from './rollouts.ts'
import type { Rollouts } from './rollouts.ts'
import type { Action } from './state.ts'
import { statusOf, summaryOf } from './view.ts'

const READ = 'routing:read'
const WRITE = 'routing:write'
/** Segment of a path that could else be a rollout's. */
const OVERVIEW = 'overview'

const anything = Type.Object({}, { additionalProperties: true })
const Reason = Type.Optional(Type.String({ maxLength: 500, description: 'Why, for the record.' }))
const subject = ({ params }: AdminCall): string => `rollout:${params['id']}`

const VERBS = {
  rollback: 'Send all traffic back to the first arm, at once.',
  pause: 'Keep the shares as they are. Guardrails still roll back.',
  resume: 'Go on, or begin again after a rollback.',
} as const satisfies { readonly [A in Action]?: string }

/** @param providers ids of those that are configured */
export function mountRollouts(
  admin: AdminContext,
  rollouts: Rollouts,
  book: Book,
  journal: Journal,
  providers: () => ReadonlySet<string>,
): void {
  const find = ({ params: { id = '' } }: Pick<AdminCall, 'params'>): Live => {
    const live = rollouts.find(id)
    if (!live) throw new GatewayError('not_found', `There is no rollout "${id}".`, { param: 'id' })
    return live
  }

  const overview = { method: 'get', path: `/rollouts/${OVERVIEW}`, permission: READ } as const
  const about = { summary: 'List all rollouts, those of the config too, with their shares.' }
  adminRoute(admin, { ...overview, ...about, response: pageSchema(anything) }, () => ({
    data: rollouts.all().map(summaryOf),
    next: null,
  }))

  adminResource(admin, {
    name: DEFINITIONS,
    permissions: 'routing',
    title: 'rollout',
    idPrefix: '',
    schema: StoredRollout,
    idOf: ({ name }) => name,
    view: ({ id, revision, value }) => ({ id, revision, ...value, status: rollouts.find(id)?.state.status ?? null }),
    beforeWrite(input, _call, current) {
      const { name, ...definition } = input
      if (current && current.id !== name) throw invalidRequest('"name" is the id, and stays.', 'name')
      check(name, definition)
      return { name, ...definition }
    },
  })

  function check(name: string, definition: RolloutDefinition): void {
    if (name === OVERVIEW) throw invalidRequest(`"${name}" is no name for a rollout.`, 'name')
    const plan = planOf(name, definition)
    const [stranger] = strangers(plan, [...providers()])
    if (stranger !== undefined) throw invalidRequest(stranger, 'targets')
    if (rollouts.find(name)?.source === 'config')
      throw new GatewayError('conflict', `The rollout "${name}" is part of the config: change it there.`)
    const other = rollouts.ofModel(plan.model)?.plan.name ?? name
    if (other !== name)
      throw new GatewayError('conflict', `The model "${plan.model}" has the rollout "${other}". Remove it first.`)
  }

  const status = { method: 'get', path: '/rollouts/:id/status', permission: READ } as const
  const told = { summary: 'Show shares, counts of each arm, guardrails and changes.', response: anything }
  adminRoute(admin, { ...status, ...told }, async (call) => {
    const live = find(call)
    const { epochs } = await book.read(live.plan, live.state.began)
    return new AdminReply(statusOf(live, epochs), { headers: { etag: etag(live.revision) } })
  })

  const change = async (call: AdminCall, action: Action, order: { reason?: string; arm?: string }) => {
    const live = find(call)
    const { ifMatch, principal } = call
    const { reason = '', arm } = order
    const wanted = { action, by: principal.id, reason, ...(arm !== undefined && { arm }) }
    refuseStale(live, ifMatch)
    try {
      await rollouts.change(live, wanted, ifMatch === undefined)
    } catch (error) {
      refuseStale(live, ifMatch) // somebody was first
      throw error
    }
    return new AdminReply(summaryOf(live), { headers: { etag: etag(live.revision) } })
  }
  const doing = { method: 'post', permission: WRITE, subject, response: anything } as const

  const promotion = {
    ...doing,
    path: '/rollouts/:id/promote',
    summary: 'Send all traffic to the candidate, or the named arm, at once.',
    action: 'rollouts.promote',
    body: Type.Object({ reason: Reason, arm: Type.Optional(Type.String({ description: 'Of an experiment.' })) }),
  }
  adminRoute(admin, promotion, (call) => change(call, 'promote', call.body))
  for (const [verb, summary] of Object.entries(VERBS)) {
    const route = { ...doing, path: `/rollouts/:id/${verb}`, summary, action: `rollouts.${verb}` }
    const body = Type.Object({ reason: Reason })
    adminRoute(admin, { ...route, body }, (call) => change(call, verb as keyof typeof VERBS, call.body))
  }

  const listing = {
    method: 'get',
    path: '/rollouts/:id/exposures',
    permission: READ,
    summary: 'List which arm each unit of an experiment met first.',
    query: Type.Object(ListQuery.properties),
    response: pageSchema(anything),
  } as const
  adminRoute(admin, listing, async (call) => {
    const { plan } = find(call)
    const { after, limit } = pageOf(call.query)
    const [, time = '', id = ''] = /^(\d{1,16}):(.+)$/s.exec(after ?? '') ?? []
    if (after !== undefined && id === '') throw invalidRequest('"cursor" is no cursor of a page.', 'cursor')
    const start = id === '' ? {} : { after: { time: Number(time), id } }
    const rows = await journal.read(EXPOSURES, { where: { plan: plan.id } }, { ...start, limit: limit + 1 })
    return page(
      rows,
      limit,
      (row) => `${row.time}:${row.id}`,
      ({ time: at, data }) => ({
        time: new Date(at).toISOString(),
        ...data,
      }),
    )
  })
}

function refuseStale({ revision }: Live, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== revision)
    throw new GatewayError('precondition_failed', 'The rollout has changed since. Read its status and try again.')
}
