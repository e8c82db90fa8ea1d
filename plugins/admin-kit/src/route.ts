import { GatewayError, Type } from '@sluice/core'
import type { Exchange, JsonObject, Static, TObject } from '@sluice/core'
import { check } from './check.ts'
import { ADMIN_PATH } from './contract.ts'
import type { AdminAnswer, AdminCall, AdminContext, AdminRoute, NoFields, ReadContext } from './contract.ts'
import { readIfMatch } from './etag.ts'
import { readJson } from './json.ts'
import { once } from './once.ts'
import { operationOf } from './operation.ts'
import { readQuery } from './query.ts'
import { send, sentOf } from './send.ts'
import { note } from './trail.ts'

type Handler<Q, B> = (call: AdminCall<Q, B>) => AdminAnswer | Promise<AdminAnswer>
type Params = AdminCall['params']

const NOTHING = Type.Object({}, { additionalProperties: false })

/**
 * Mounts one route below `/admin/v1`. The gateway has checked the permission; query and body are checked here
 * (400 `invalid_request`); a POST with an `Idempotency-Key` is done once; with `action` each call is audited.
 */
export function adminRoute<Q extends TObject = NoFields, B extends TObject = NoFields>(
  admin: AdminContext | ReadContext,
  route: AdminRoute<Q, B>,
  handler: Handler<Static<Q>, Static<B>>,
): void {
  mountRoute(admin, route, operationOf(route), handler)
}

/** The same with a description of its own. */
export function mountRoute<Q extends TObject, B extends TObject>(
  { router, store, audit }: AdminContext | ReadContext,
  route: AdminRoute<Q, B>,
  about: JsonObject,
  handler: Handler<Static<Q>, Static<B>>,
): void {
  const { method, path, permission, status } = route
  if (method === 'post' && !store) throw new Error(`route ${path} needs a Store, for idempotency keys`)
  const query = closed(route.query ?? NOTHING)
  const body = closed(route.body ?? NOTHING)

  const read = (exchange: Exchange, params: Params): AdminCall<Static<Q>, Static<B>> => {
    checkParams(params)
    const call = {
      params,
      query: readQuery(query, exchange.start.search) as Static<Q>,
      body: readJson(exchange) as Static<B>,
      exchange,
      principal: exchange.principal,
      ifMatch: readIfMatch(exchange.headers['if-match']),
    }
    check(query, call.query)
    check(body, call.body)
    return call
  }

  router[method](ADMIN_PATH + path, { permission, about }, async (context, exchange) => {
    const params = context.params as Params
    const ended = { call: undefined as AdminCall<never, never> | undefined, id: params['id'] }
    try {
      const call = read(exchange, params)
      ended.call = call as AdminCall<never, never>
      const work = async () => sentOf(await handler(call), status)
      const { sent, again } =
        method === 'post' ? await once(store!, exchange, work) : { sent: await work(), again: false }
      if (!again) await note(audit, route, exchange, { ...ended, sent })
      send(context, sent)
    } catch (thrown) {
      await note(audit, route, exchange, { ...ended, thrown })
      throw thrown
    }
  })
}

/** An object schema is closed unless it says otherwise. */
export function closed<S extends TObject>(schema: S): S {
  return { additionalProperties: false, ...schema }
}

/** What no stored id looks like is nowhere to be found; databases would choke on some of it. */
function checkParams(params: Params): void {
  for (const [name, text] of Object.entries(params))
    if (text.length > 500 || !text.isWellFormed() || /\p{Cc}/u.test(text))
      throw new GatewayError('not_found', `There is nothing of this ${name}.`, { param: name })
}
