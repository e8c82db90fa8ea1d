/** HTTP: one Koa app a generation, which turns requests into exchanges. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import Router from '@koa/router'
import type { RouterContext, RouterMiddleware } from '@koa/router'
import Koa from 'koa'
import { HttpClient } from './client.ts'
import type { Answerer } from './client.ts'
import { GATEWAY_DIALECT } from './dispatch.ts'
import { describe, GatewayError, stamped } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { ANONYMOUS, Exchange, newId } from './exchange.ts'
import type { Principal } from './exchange.ts'
import type { RouteParams } from './dialect.ts'
import type { Kernel, Mount } from './kernel.ts'
import { fromAnybody, serve } from './pipeline.ts'
import type { LetIn } from './pipeline.ts'
import type { PluginRoute } from './registry.ts'
import { certificateOf } from './tls.ts'

const NO_PARAMS: RouteParams = {}

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** @param draining whether the gateway has been told to stop */
export function createListener(kernel: Kernel, draining: () => boolean): Listener {
  const app = new Koa()
  const router = new Router()
  // Exchanges catch their own errors; what arrives here is a defect of the layers below them.
  app.on('error', (err: NodeJS.ErrnoException) => {
    const isGone = err.code === 'ECONNRESET' || err.code === 'EPIPE'
    kernel.log[isGone ? 'debug' : 'error']({ err }, 'a request failed outside any exchange')
  })

  router.get('/health/live', (context) => void (context.body = { status: 'ok' }))
  router.get('/health/ready', (context) => {
    context.status = draining() ? 503 : 200
    context.body = { status: draining() ? 'draining' : 'ok', revision: kernel.revision }
  })
  const open = (handler: RouterMiddleware): RouterMiddleware => {
    return (context, next) => {
      if (!draining()) return handler(context, next)
      context.set({ connection: 'close', 'retry-after': '1' })
      refuse(kernel, context, 'shutting_down', 'The gateway is shutting down. Send the request again.')
      return undefined
    }
  }
  /** Endpoints without parameters, by method and path: the router would try one route after the other. */
  const exact = new Map<string, RouterMiddleware>()
  for (const mounts of kernel.mounts().values()) {
    const { method, path } = mounts[0]!.endpoint
    const serveOne: RouterMiddleware = (context, next) => {
      const mount = mounts.find(({ endpoint }) => !endpoint.match || endpoint.match(context.headers, context.search))
      return mount ? serveEndpoint(kernel, mount, context) : next()
    }
    router.register(path, [method], open(serveOne))
    if (!/[:*{]/.test(path)) exact.set(`${method} ${path}`, open(serveOne))
  }
  for (const route of kernel.registry.routes) {
    const serveOne = open((context) => serveRoute(kernel, route, context))
    try {
      router.register(route.path, [route.method], serveOne)
    } catch (error) {
      throw new GatewayError('config_invalid', `plugins[${route.plugin}]: route ${route.path}: ${describe(error)}.`)
    }
  }
  app.use((context, next) => {
    const path = pathOf(context)
    if (path === undefined)
      return refuse(kernel, context, 'invalid_request', 'The address of the request cannot be read.')
    const serveOne = exact.get(`${context.method} ${path}`)
    return serveOne ? serveOne(context as RouterContext, next) : next()
  })
  app.use(router.routes())
  app.use((context) => {
    const allowed = [...new Set(router.match(context.path, context.method).path.flatMap(({ methods }) => methods))]
    if (allowed.length === 0)
      return refuse(kernel, context, 'not_found', `Nothing is served at ${context.method} ${context.path}.`)
    context.set('allow', allowed.join(', '))
    refuse(kernel, context, 'method_not_allowed', `${context.path} does not take ${context.method}.`)
  })
  const serveAll = app.callback()
  const { rewrites } = kernel.registry
  if (rewrites.length === 0) return serveAll
  return (request, response) => {
    for (const rewrite of rewrites) rewrite(request)
    return serveAll(request, response)
  }
}

function serveEndpoint(kernel: Kernel, mount: Mount, context: RouterContext): Promise<void> {
  const { endpoint } = mount
  if (!endpoint.answer) return serveExchange(kernel, context, mount, undefined)
  const params = context.params as RouteParams
  return serveExchange(kernel, context, mount, (exchange, all) => {
    const models = all.filter(({ name }) => exchange.sees(name))
    return { status: 200, headers: {}, body: endpoint.answer!({ models }, params) }
  })
}

/** An operator route: the same pipeline, and the plugin's handler in place of a model. */
function serveRoute(kernel: Kernel, route: PluginRoute, context: RouterContext): Promise<void> {
  const { handler, path, plugin, method } = route
  const { permission } = route.rules
  const mount: Mount = { dialect: GATEWAY_DIALECT, endpoint: { method: 'GET', path, operation: 'operator' } }
  const isPublic = permission === 'public'
  const answer: Answerer = async (exchange) => {
    if (!isPublic && !holds(exchange.principal, permission))
      throw new GatewayError('permission_denied', `This needs the permission "${permission}".`)
    try {
      await handler(context, exchange)
    } catch (thrown) {
      throw stamped(thrown, plugin, `${method.toUpperCase()} ${path}`)
    }
    const headers = Object.entries(context.response.headers).map(([name, value]) => [name, String(value)] as const)
    const body = (context.body ?? '') as string | Buffer
    return { status: context.status, headers: Object.fromEntries(headers), body }
  }
  return serveExchange(kernel, context, mount, answer, isPublic ? fromAnybody : undefined)
}

function holds(principal: Principal, permission: string): boolean {
  if (permission === 'authenticated') return principal !== ANONYMOUS
  const { permissions = [] } = principal
  return permissions.includes('*') || permissions.includes(permission)
}

function serveExchange(
  kernel: Kernel,
  context: RouterContext,
  mount: Mount,
  answer: Answerer | undefined,
  letIn?: LetIn,
): Promise<void> {
  const { req, res, method, path, search, headers } = context
  const params = (context.params ?? NO_PARAMS) as RouteParams
  context.respond = false
  const ip = req.socket.remoteAddress ?? ''
  const { revision, log, settings } = kernel
  const certificate = settings.tls?.requestCert ? certificateOf(req.socket) : undefined
  const start = { method, path, search, headers, params, ip, certificate, ...mount, revision, log }
  const exchange = new Exchange(start)
  return serve(kernel, exchange, new HttpClient(exchange, req, res, settings, answer), letIn)
}

/** Undefined if a client sent a whole address, as to a proxy, that is none. */
function pathOf(context: Koa.Context): string | undefined {
  try {
    return context.path
  } catch {
    return undefined
  }
}

/** For requests that become no exchange. */
function refuse({ registry }: Kernel, context: Koa.Context, code: ErrorCode, message: string): void {
  const error = new GatewayError(code, message)
  const dialects = [...registry.dialects.values()]
  const dialect = dialects.find((known) => known.recognises?.(context.headers)) ?? dialects[0] ?? GATEWAY_DIALECT
  const id = newId()
  context.status = error.status
  context.set('x-request-id', id)
  context.body = dialect.encodeError(error, id)
}
