/** `/admin/openapi.json`: OpenAPI 3.1, made of what all plugins say of their routes. */
import type { Gateway, GatewayInspection, JsonObject, PluginRouter } from '@sluice/core'
import { shareSchemas } from './components.ts'
import { once } from './models.ts'

type Route = GatewayInspection['routes'][number]

const PATH = '/admin/openapi.json'
const ABOUT: JsonObject = {
  operationId: 'openapi.get',
  summary: 'Describe all of this.',
  tags: ['config'],
  responses: {
    200: { description: 'Done.', content: { 'application/json': { schema: { type: 'object' } } } },
    default: { $ref: '#/components/responses/Error' },
  },
}
const ERROR = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'Stable, e.g. `invalid_request`.' },
        message: { type: 'string' },
        param: { type: 'string', description: 'The field at fault.' },
        request_id: { type: 'string' },
      },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
}

export function mountOpenapi(router: PluginRouter, gateway: Gateway): void {
  const document = once(() => documentOf(gateway.inspect().routes))
  router.get(PATH, { permission: 'config:read', about: ABOUT }, (context) => {
    context.body = document()
  })
}

/** The document of these routes. */
export function documentOf(routes: readonly Route[]): JsonObject {
  const paths: { [path: string]: { [method: string]: JsonObject } } = {}
  for (const route of routes) (paths[pathOf(route)] ??= {})[route.method] ??= operationOf(route)
  const schemas = shareSchemas(Object.values(paths).flatMap((methods) => Object.values(methods)))
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice', version: '1', description: 'What operators of this gateway can do.' },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { ...schemas, Error: ERROR },
      responses: {
        Error: {
          description: 'It was refused, or failed.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

/** `:id` and `{*rest}` as OpenAPI writes them. */
function pathOf({ path }: Route): string {
  return path.replace(/\{\*(\w+)\}/g, '{$1}').replace(/:(\w+)/g, '{$1}')
}

/** What the plugin says of it; what it does not say, the path does. */
function operationOf(route: Route): JsonObject {
  const { method, permission, about = {} } = route
  const path = pathOf(route)
  const names = path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))
  const parameters = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => {
    return { in: 'path', name, required: true, schema: { type: 'string' } }
  })
  return {
    operationId: [...names, method].join('.'),
    summary: `${method.toUpperCase()} ${path}`,
    tags: names.slice(0, 1),
    ...(parameters.length > 0 && { parameters }),
    responses: { default: { description: 'What the plugin answers.' } },
    ...about,
    security: permission === 'public' ? [] : [{ bearer: [] }, { key: [] }],
    'x-sluice-permission': permission,
  }
}
