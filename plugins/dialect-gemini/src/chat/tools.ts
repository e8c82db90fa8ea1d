/** Tools in both directions. One tool of Gemini declares many functions, or is something that Google runs. */
import type { FunctionTool, JsonObject, RawTool, Tool } from '@sluice/core'
import {
  foreignTool,
  isObject,
  itemObject,
  optionalArray,
  optionalObject,
  optionalString,
  requiredString,
} from '@sluice/dialect-kit'
import { keep, NAME, restore, spellingOf } from '../extensions.ts'
import { camelCased } from './camel.ts'
import { saysSame } from './same.ts'
import { toJsonSchema } from './schema.ts'

const TOOL = new Set([
  'functionDeclarations',
  'googleSearch',
  'googleSearchRetrieval',
  'codeExecution',
  'urlContext',
  'googleMaps',
  'fileSearch',
  'computerUse',
])
const DECLARATION = new Set(['parametersJsonSchema', 'responseJsonSchema'])
const FIELDS = new Set(['name', 'description', 'parameters', 'parametersJsonSchema'])
/** Number of the wire's tool that a canonical one was part of: on raw tools, where only this dialect finds it. */
const GROUP = Symbol('gemini tool')

/** Undefined if the body has no tools. */
export function decodeTools(body: JsonObject): Tool[] | undefined {
  return optionalArray(body, 'tools')?.flatMap((item, index) => {
    const at = `tools[${index}].`
    return decodeTool(camelCased(itemObject(item, `tools[${index}]`), TOOL, at), index, at)
  })
}

function decodeTool(tool: JsonObject, group: number, at: string): Tool[] {
  const { functionDeclarations: _, ...others } = tool
  const functions = (optionalArray(tool, 'functionDeclarations', at) ?? []).map((item, index) => {
    const path = `${at}functionDeclarations[${index}]`
    const declaration = camelCased(itemObject(item, path), DECLARATION, `${path}.`)
    return decodeFunction(declaration, group, `${path}.`)
  })
  if (functions.length > 0 && Object.keys(others).length === 0) return functions
  const value: JsonObject & { [GROUP]: number } = { ...(functions.length > 0 ? others : tool), [GROUP]: group }
  return [...functions, { type: 'raw', dialect: NAME, value }]
}

function decodeFunction(declaration: JsonObject, group: number, at: string): FunctionTool {
  const description = optionalString(declaration, 'description', at)
  const openApi = optionalObject(declaration, 'parameters', at)
  const schema = optionalObject(declaration, 'parametersJsonSchema', at)
  const parameters = schema ?? (openApi && toJsonSchema(openApi))
  return {
    type: 'function',
    name: requiredString(declaration, 'name', at),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...keep(declaration, FIELDS, { group, openApi }),
  }
}

type WireTool = JsonObject & { functionDeclarations?: JsonObject[] }

/** Functions that no client of this dialect grouped are declared together. @throws GatewayError `invalid_request` for a tool that only another dialect has */
export function encodeTools(tools: readonly Tool[]): JsonObject[] {
  const wire: WireTool[] = []
  let open: unknown
  for (const [index, tool] of tools.entries()) {
    const group = tool.type === 'function' ? spellingOf(tool).group : groupOf(tool)
    let last = wire.at(-1)
    const joins = group === undefined ? tool.type === 'function' && last?.functionDeclarations : group === open
    if (last === undefined || !joins) wire.push((last = {}))
    open = group
    if (tool.type === 'function') (last.functionDeclarations ??= []).push(encodeFunction(tool))
    else Object.assign(last, rawValue(tool, index))
  }
  return wire
}

function groupOf({ value }: RawTool): number | undefined {
  return (value as JsonObject & { [GROUP]?: number })[GROUP]
}

function rawValue(tool: RawTool, index: number): JsonObject {
  if (tool.dialect === NAME) return tool.value
  throw foreignTool(tool, index, 'Gemini')
}

/** Parameters in OpenAPI's form go out as they came, if they still say the same. */
function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters } = tool
  const { openApi } = spellingOf(tool)
  const isOpenApi = isObject(openApi) && parameters !== undefined && saysSame(toJsonSchema(openApi), parameters)
  return {
    ...restore(tool),
    name,
    ...(description !== undefined && { description }),
    ...(isOpenApi ? { parameters: openApi } : parameters && { parametersJsonSchema: parameters }),
  }
}
