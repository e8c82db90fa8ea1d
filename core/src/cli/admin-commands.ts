/** Commands, made of an OpenAPI document: a path is a resource and a verb, its schemas are flags. */
import type { JsonObject } from '../model.ts'

/** What is read of a JSON Schema. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  examples?: unknown[]
  default?: unknown
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: { [name: string]: Schema }
  required?: string[]
  additionalProperties?: boolean | Schema
  patternProperties?: { [pattern: string]: Schema }
}
type Content = { 'application/json'?: { schema?: Schema } }
type Parameter = { in: string; name: string; required?: boolean; description?: string; schema?: Schema }
type Operation = {
  summary?: string
  parameters?: Parameter[]
  requestBody?: { content?: Content }
  responses?: { [status: string]: { content?: Content } }
}
/** What is read of the document. */
export type OpenApi = {
  paths: { [path: string]: { [method: string]: Operation } }
  components?: { schemas?: { [name: string]: Schema } }
}

/** `name`: as it is written, fields inside others with dots. `isMap`: any name may follow it. */
export type Flag = {
  place: 'query' | 'header' | 'body'
  name: string
  schema: Schema
  isRequired: boolean
  isMap: boolean
}

export type AdminCommand = {
  resource: string
  verb: string
  method: string
  /** With `{id}`. */
  path: string
  /** Names in the path, in their order. */
  params: string[]
  summary: string
  flags: Flag[]
  hasBody: boolean
}

const ROOT = '/admin/v1/'
const ITEM_VERBS: { [method: string]: string } = { get: 'get', put: 'replace', patch: 'update', delete: 'delete' }
/** Levels of objects in objects whose fields are flags. */
const DEPTH = 4

/** By resource, in the order of the document. */
export function commandsOf(document: OpenApi): Map<string, AdminCommand[]> {
  const resources = new Map<string, AdminCommand[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!path.startsWith(ROOT)) continue
    for (const [method, operation] of Object.entries(methods)) {
      const command = commandOf(path, method, operation, document)
      const others = resources.get(command.resource) ?? []
      if (others.some(({ verb }) => verb === command.verb)) command.verb += `-${ITEM_VERBS[method] ?? 'create'}`
      resources.set(command.resource, [...others, command])
    }
  }
  return resources
}

/** What is meant where no verb is given. */
export function verbOf(commands: readonly AdminCommand[]): AdminCommand | undefined {
  return commands.find(({ verb, params }) => (verb === 'list' || verb === 'get') && params.length === 0)
}

function commandOf(path: string, method: string, operation: Operation, document: OpenApi): AdminCommand {
  const resolve = (schema: Schema): Schema => resolved(schema, document)
  const segments = path.slice(ROOT.length).split('/')
  const [resource = '', ...names] = segments.filter((segment) => !segment.startsWith('{'))
  const isItem = segments.at(-1)!.startsWith('{')
  const { summary = '', parameters = [], requestBody } = operation
  const body = requestBody?.content?.['application/json']?.schema
  const flags = parameters.flatMap(
    ({ in: place, name, description, required: isRequired = false, schema = {} }): Flag[] => {
      if (place !== 'query' && place !== 'header') return []
      const own = { ...resolve(schema), ...(description !== undefined && { description }) }
      return [{ place, name: place === 'header' ? name.toLowerCase() : name, schema: own, isRequired, isMap: false }]
    },
  )
  const collection = method === 'get' ? (isPage(operation, resolve) ? 'list' : 'get') : 'create'
  return {
    resource,
    verb: names.length > 0 ? names.join('-') : isItem ? (ITEM_VERBS[method] ?? method) : collection,
    method,
    path,
    params: Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name),
    summary,
    flags: body ? [...flags, ...fieldsOf(resolve(body), '', resolve, DEPTH)] : flags,
    hasBody: body !== undefined,
  }
}

function isPage({ responses = {} }: Operation, resolve: (schema: Schema) => Schema): boolean {
  const schema = Object.values(responses).find(({ content }) => content)?.content?.['application/json']?.schema
  return schema !== undefined && resolve(resolve(schema).properties?.['data'] ?? {}).type === 'array'
}

function fieldsOf(schema: Schema, prefix: string, resolve: (schema: Schema) => Schema, depth: number): Flag[] {
  const required = schema.required ?? []
  return Object.entries(schema.properties ?? {}).flatMap(([field, given]): Flag[] => {
    const own = resolve(given)
    const name = `${prefix}${field}`
    const isRequired = prefix === '' && required.includes(field)
    const flag: Flag = { place: 'body', name, schema: own, isRequired, isMap: valuesOf(own) !== undefined }
    return depth > 1 ? [flag, ...fieldsOf(own, `${name}.`, resolve, depth - 1)] : [flag]
  })
}

/** Schema of the values of an object that may have any names; undefined if it may not. */
export function valuesOf({ properties, additionalProperties, patternProperties = {} }: Schema): Schema | undefined {
  const [pattern] = Object.values(patternProperties)
  if (pattern) return pattern
  if (typeof additionalProperties === 'object') return additionalProperties
  return additionalProperties === true && !properties ? {} : undefined
}

function resolved(schema: Schema, { components }: OpenApi): Schema {
  const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref ?? '') ?? []
  return name === undefined ? schema : (components?.schemas?.[name] ?? {})
}

/** Whether a parsed reply has the shape of such a document. */
export function isOpenApi(value: JsonObject): boolean {
  return typeof value['openapi'] === 'string' && typeof value['paths'] === 'object' && value['paths'] !== null
}
