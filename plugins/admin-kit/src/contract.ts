/** What a plugin says of an operator route, and what its handler is handed. */
import type { Exchange, JsonObject, PluginRouter, Principal, RouteMethod, Static, TObject, TSchema } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Audit } from './audit.ts'
import type { AdminReply } from './reply.ts'

/** Where all of it is served. */
export const ADMIN_PATH = '/admin/v1'

/** What routes are made with. `store` also remembers the answers to requests with an `Idempotency-Key`. */
export interface AdminContext {
  router: PluginRouter
  store: Store
  audit: Audit | undefined
}
/** Enough for routes that change nothing. */
export type ReadContext = Pick<AdminContext, 'router'> & Partial<AdminContext>

/** One request, checked. */
export interface AdminCall<Q = unknown, B = unknown> {
  params: { readonly [name: string]: string }
  query: Q
  body: B
  exchange: Exchange
  principal: Principal
  /** The revision that the client has seen (`If-Match`). */
  ifMatch: number | undefined
}

/** Undefined answers 204, an object is the body. */
export type AdminAnswer = JsonObject | undefined | AdminReply

/** Of a route without query or body. A name of its own keeps typebox out of published types. */
export interface NoFields extends TObject {}

export interface AdminRoute<Q extends TObject, B extends TObject> {
  method: RouteMethod
  /** Below `/admin/v1`: `/keys/:id/rotate`. */
  path: string
  /** `keys:write` */
  permission: string
  /** A line for people. */
  summary: string
  /** Objects are closed unless they say otherwise. Without one, no parameter is taken. */
  query?: Q
  /** Without one, no body is taken. */
  body?: B
  /** What is answered, for the description of the interface. Without one, nothing is (204). */
  response?: TSchema
  /** Of an answer with a body; default: 200. */
  status?: number
  /** `keys.rotate`. With it every call is audited: done, refused or failed. */
  action?: string
  /** Set if it minds callers whose permission reaches only their own team (`mayReach`); it is closed to them else. */
  mindsTeam?: boolean
  /** What it is done to; default: `key:<id>`, from the path or the answer. */
  subject?: (call: AdminCall<Static<Q>, Static<B>>) => string
}
