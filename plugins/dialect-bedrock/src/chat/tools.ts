/** Tools and the choice among them, in both directions. */
import type { FunctionTool, JsonObject, Tool, ToolChoice } from '@sluice/core'
import {
  defined,
  foreignTool,
  isObject,
  itemObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from '@sluice/dialect-kit'
import { extended, kept, leftovers, NAME } from '../extensions.ts'
import { cacheHint, cachePoint } from './blocks.ts'

const CONFIG_FIELDS = new Set(['tools', 'toolChoice'])
const SPEC_FIELDS = new Set(['name', 'description', 'inputSchema', 'strict'])

interface ToolConfig {
  tools?: Tool[] | undefined
  toolChoice?: ToolChoice | undefined
  /** What the model has no word for. */
  rest?: JsonObject | undefined
}

export function decodeToolConfig(body: JsonObject): ToolConfig {
  const config = optionalObject(body, 'toolConfig')
  if (config === undefined) return {}
  const choice = optionalObject(config, 'toolChoice', 'toolConfig.')
  return {
    tools: decodeTools(optionalArray(config, 'tools', 'toolConfig.')),
    toolChoice: choice && decodeChoice(choice),
    rest: leftovers(config, CONFIG_FIELDS),
  }
}

/** A cache point becomes the hint of the tool before it. Tools that the provider runs stay as they are. */
function decodeTools(list: readonly unknown[] | undefined): Tool[] | undefined {
  if (list === undefined) return undefined
  const tools: Tool[] = []
  for (const [index, item] of list.entries()) {
    const at = `toolConfig.tools[${index}]`
    const tool = itemObject(item, at)
    const hint = cacheHint(tool)
    const last = tools.at(-1)
    if (hint !== undefined && last?.type === 'function' && last.cache === undefined) last.cache = hint
    else if ('toolSpec' in tool && Object.keys(tool).length === 1)
      tools.push(decodeSpec(requiredObject(tool, 'toolSpec', `${at}.`), `${at}.toolSpec.`))
    else tools.push({ type: 'raw', dialect: NAME, value: tool })
  }
  return tools
}

function decodeSpec(spec: JsonObject, at: string): FunctionTool {
  const schema = optionalObject(spec, 'inputSchema', at)
  const parameters = schema && optionalObject(schema, 'json', `${at}inputSchema.`)
  const isWhole = schema === undefined || (parameters !== undefined && Object.keys(schema).length === 1)
  const rest = leftovers(spec, SPEC_FIELDS)
  return defined<FunctionTool>({
    type: 'function',
    name: requiredString(spec, 'name', at),
    description: optionalString(spec, 'description', at),
    parameters,
    strict: optionalBoolean(spec, 'strict', at),
    ...extended(isWhole ? rest : { ...rest, inputSchema: schema }),
  })
}

function decodeChoice(choice: JsonObject): ToolChoice {
  const [kind, ...others] = Object.keys(choice)
  const value = kind === undefined || others.length > 0 ? undefined : choice[kind]
  if (isObject(value)) {
    const fields = Object.keys(value)
    if (kind === 'auto' && fields.length === 0) return { type: 'auto' }
    if (kind === 'any' && fields.length === 0) return { type: 'required' }
    if (kind === 'tool' && typeof value.name === 'string' && fields.length === 1)
      return { type: 'tool', name: value.name }
  }
  return { type: 'raw', dialect: NAME, value: choice }
}

/** @throws GatewayError `invalid_request` for a tool that only another dialect has */
export function encodeTools(tools: readonly Tool[]): JsonObject[] {
  return tools.flatMap<JsonObject>((tool, index) => {
    if (tool.type === 'function') {
      const spec = { toolSpec: encodeSpec(tool) }
      return tool.cache === undefined ? spec : [spec, cachePoint(tool.cache)]
    }
    if (tool.dialect === NAME) return tool.value
    throw foreignTool(tool, index, 'Bedrock')
  })
}

function encodeSpec(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict } = tool
  const { inputSchema, ...own } = kept(tool) ?? {}
  const schema =
    parameters === undefined ? inputSchema : { ...(isObject(inputSchema) && inputSchema), json: parameters }
  return { ...own, ...defined<JsonObject>({ name, description, inputSchema: schema, strict }) }
}

/** Undefined for none, which Bedrock has no word for. */
export function encodeChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  switch (choice?.type) {
    case 'auto':
      return { auto: {} }
    case 'required':
      return { any: {} }
    case 'tool':
      return { tool: { name: choice.name } }
    case 'raw':
      return isObject(choice.value) ? choice.value : undefined
    default:
      return undefined
  }
}
