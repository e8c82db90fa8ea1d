/** From what a handler answers to what is sent. */
import type { RouteHandler } from '@sluice/core'
import type { AdminAnswer } from './contract.ts'
import { AdminReply } from './reply.ts'

type RouterContext = Parameters<RouteHandler>[0]

/** A reply in full. */
export type Sent = {
  status: number
  headers: { readonly [name: string]: string }
  body: AdminReply['body']
}

/** @param status of an answer with a body that names none itself */
export function sentOf(answer: AdminAnswer, status = 200): Sent {
  const { body, headers, status: own } = answer instanceof AdminReply ? answer : new AdminReply(answer)
  return { status: own ?? (body === undefined ? 204 : status), headers, body }
}

export function send(context: RouterContext, { status, headers, body }: Sent): void {
  // Replies may hold what is shown once.
  context.set({ 'cache-control': 'no-store', ...headers })
  if (body !== undefined) context.body = body
  context.status = status
  if (typeof headers['content-type'] === 'string') context.set('content-type', headers['content-type'])
}
