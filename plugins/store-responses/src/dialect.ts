/** The client endpoints below `/v1/responses/{id}`. Whatever comes back passes as it is. */
import { GatewayError } from '@sluice/core'
import type { Dialect, Endpoint, RawRequest, RawRoute } from '@sluice/core'
import { encodeError, responseNotFound } from './errors.ts'
import { isPlain } from './ids.ts'
import { RESPONSES } from './state.ts'

const PREFIXES = ['/v1/responses', '/openai/v1/responses']
const ROUTES: readonly (readonly [Endpoint['method'], string])[] = [
  ['GET', '/:id'],
  ['DELETE', '/:id'],
  ['POST', '/:id/cancel'],
  ['GET', '/:id/input_items'],
]

const NAME = 'openai-responses-state'

/** @param id of the plugin instance, whose provider answers unless a response is another one's */
export function stateDialect(id: string): Dialect {
  return {
    name: NAME,
    codecs: {},
    raw: { passthrough: { locate: (request) => locate(request, id) } },
    endpoints: PREFIXES.flatMap((prefix) =>
      ROUTES.map(([method, path]): Endpoint => ({ method, path: prefix + path, operation: 'passthrough' })),
    ),
    requestHeaders: ['openai-beta'],
    replyHeaders: ['openai-*', 'x-ratelimit-*', 'retry-after', 'retry-after-ms', 'cache-control'],
    encodeError,
    encodeStreamError: (error) => `event: error\ndata: ${JSON.stringify({ type: 'error', ...encodeError(error) })}\n\n`,
    decodeError(status) {
      const message = `The provider answered with status ${status}.`
      // Its refusals pass as they came, but not what it says of the gateway's credential.
      const passes = status >= 400 && status < 500 && status !== 401 && status !== 403
      return passes
        ? new GatewayError('invalid_request', message, { status })
        : new GatewayError('upstream_error', message)
    },
  }
}

/** @throws GatewayError `not_found` for what can be no id */
function locate({ path, params, search }: RawRequest, instance: string): RawRoute {
  const { id = '' } = params
  if (!isPlain(id)) throw responseNotFound(id)
  const resource = resourceOf(path)
  const below = `/responses/${id}${resource && `/${resource}`}${withoutKey(search)}`
  return { model: `${instance}/state`, path: below, dialect: RESPONSES }
}

/** What stands behind the id: `cancel`, `input_items` or ''. */
export function resourceOf(path: string): string {
  return path.slice(path.indexOf('/responses/')).split('/')[3] ?? ''
}

/** Clients may send the gateway's credential in the query. */
function withoutKey(search: string): string {
  const query = new URLSearchParams(search)
  query.delete('key')
  return query.size === 0 ? '' : `?${query.toString()}`
}
