/** Routes as OpenAPI 3.1 operation objects. */
import type { JsonObject, RouteMethod, TObject } from '@sluice/core'
import type { AdminRoute } from './contract.ts'
import { MINDS_TEAM } from './own-team.ts'

type Shape = { type?: string; description?: string; properties?: { [name: string]: object } }

const VERBS: { readonly [method in RouteMethod]: string } = {
  get: 'get',
  post: 'create',
  put: 'replace',
  patch: 'update',
  delete: 'delete',
}
const REVISION = 'The etag of the record as the client knows it; 412 if it has changed since.'
const ONCE = 'Any text that is new for each new request: sent again within 24 hours, the first answer is repeated.'

/** The kernel's description of a route. Errors refer to `#/components/responses/Error`. */
export function operationOf<Q extends TObject, B extends TObject>(route: AdminRoute<Q, B>): JsonObject {
  const { method, path, summary, query, body, response, status = 200 } = route
  const required = new Set<string>(query?.required)
  const parameters = [
    ...Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => parameter('path', name, { type: 'string' }, true)),
    ...Object.entries<object>(query?.properties ?? {}).map(([name, schema]) =>
      parameter('query', name, schema, required.has(name)),
    ),
    ...(method === 'post' ? [parameter('header', 'Idempotency-Key', { type: 'string', description: ONCE })] : []),
    ...(changes(route) ? [parameter('header', 'If-Match', { type: 'string', description: REVISION })] : []),
  ]
  const isRequired = ((body?.required as readonly string[] | undefined) ?? []).length > 0
  return {
    operationId: operationId(route),
    summary,
    tags: [path.split('/')[1]],
    ...(route.mindsTeam && { [MINDS_TEAM]: true }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: isRequired, content: json(body) } }),
    responses: {
      ...(response
        ? { [status]: { description: 'Done.', content: json(response) } }
        : { 204: { description: 'Done.' } }),
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

const json = (schema: object): JsonObject => ({ 'application/json': { schema } })
const changes = ({ method, path }: { method: string; path: string }): boolean =>
  path.endsWith('/:id') && ['put', 'patch', 'delete'].includes(method)

function parameter(place: string, name: string, { description, ...schema }: Shape, required = false): JsonObject {
  return { in: place, name, required, ...(description !== undefined && { description }), schema }
}

/** `keys.list`, `keys.get`, `keys.rotate`: what the path names, and what is done to it where that is no name in it. */
function operationId({
  method,
  path,
  response,
}: Pick<AdminRoute<TObject, TObject>, 'method' | 'path' | 'response'>): string {
  const segments = path.split('/').slice(1)
  const names = segments.filter((segment) => !segment.startsWith(':'))
  const isItem = segments.at(-1)?.startsWith(':') ?? false
  const isPage = response !== undefined && 'properties' in response && 'data' in (response.properties as object)
  const isVerb = names.length > 1 && !isItem && ((method === 'get' && !isPage) || method === 'post')
  if (isVerb) return names.join('.')
  return [...names, method === 'get' && isPage ? 'list' : VERBS[method]].join('.')
}
