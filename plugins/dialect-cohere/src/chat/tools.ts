/** Tools and the choice among them, in both directions. */
import { invalidRequest } from '@sluice/core'
import type { FunctionTool, JsonObject, Tool, ToolChoice } from '@sluice/core'
import {
  defined,
  foreignTool,
  isObject,
  itemObject,
  objectOf,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from '@sluice/dialect-kit'
import { keep, NAME, spellingOf } from '../extensions.ts'

const FIELDS = new Set(['type', 'function'])
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters'])

interface Tools {
  tools?: Tool[]
  /** `strict_tools`, if it cannot be told by the tools. */
  strict?: boolean
}

/** Cohere is strict with all tools or with none. */
export function decodeTools(body: JsonObject): Tools {
  const strict = optionalBoolean(body, 'strict_tools')
  const items = optionalArray(body, 'tools') ?? []
  if (items.length === 0) return defined<Tools>({ strict })
  const tools = items.map((item, index) => decodeTool(itemObject(item, `tools[${index}]`), `tools[${index}].`))
  if (strict === undefined || tools.some((tool) => tool.type === 'raw')) return defined<Tools>({ tools, strict })
  return { tools: tools.map((tool) => ({ ...tool, strict })) }
}

function decodeTool(tool: JsonObject, at: string): Tool {
  const type = optionalString(tool, 'type', at) ?? 'function'
  if (type !== 'function') return { type: 'raw', dialect: NAME, value: tool }
  const described = requiredObject(tool, 'function', at)
  const within = `${at}function.`
  return defined<FunctionTool>({
    type: 'function',
    name: requiredString(described, 'name', within),
    description: optionalString(described, 'description', within),
    parameters: optionalObject(described, 'parameters', within),
    ...keep({ ...unknownIn(described), ...tool }, FIELDS, { tool }),
  })
}

/** Fields of a function that nobody here knows. */
function unknownIn(described: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(described).filter(([field]) => !FUNCTION_FIELDS.has(field)))
}

/** @throws GatewayError `invalid_request` for a tool that only another dialect has */
export function encodeTools(tools: readonly Tool[]): JsonObject[] {
  return tools.map((tool, index) => {
    if (tool.type === 'function') return encodeFunction(tool)
    if (tool.dialect === NAME) return tool.value
    throw foreignTool(tool, index, 'Cohere')
  })
}

/** A tool that nobody changed goes out as it came. */
function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters } = tool
  const was = objectOf(spellingOf(tool).tool)
  const before = objectOf(was?.function)
  const known = defined<JsonObject>({ name, description, parameters })
  if (was !== undefined && before !== undefined) {
    const isSame =
      before.name === name &&
      (before.description ?? undefined) === description &&
      (before.parameters ?? undefined) === parameters
    return isSame ? was : { ...was, function: { ...before, ...known } }
  }
  return { type: 'function', function: known }
}

/** @returns the `strict_tools` that the tools come to; undefined if none says anything, or they differ */
export function strictnessOf(tools: readonly Tool[]): boolean | undefined {
  const [first, ...others] = tools.map((tool) => (tool.type === 'function' ? tool.strict : undefined))
  return others.every((strict) => strict === first) ? first : undefined
}

const CHOICES: ReadonlyMap<unknown, ToolChoice> = new Map<unknown, ToolChoice>([
  ['REQUIRED', { type: 'required' }],
  ['NONE', { type: 'none' }],
])

/** A choice that is none of Cohere's two is kept whole. */
export function decodeToolChoice(body: JsonObject): ToolChoice | undefined {
  const choice = body.tool_choice ?? undefined
  if (choice === undefined) return undefined
  const known = CHOICES.get(choice)
  if (known !== undefined) return known
  if (typeof choice === 'string' || isObject(choice)) return { type: 'raw', dialect: NAME, value: choice }
  throw invalidRequest('"tool_choice" must be REQUIRED or NONE.', 'tool_choice')
}

/** Undefined where the model is free to choose, which Cohere has no word for. */
export function encodeToolChoice(choice: ToolChoice): unknown {
  switch (choice.type) {
    case 'required':
    case 'tool':
      return 'REQUIRED'
    case 'none':
      return 'NONE'
    case 'auto':
      return undefined
    case 'raw':
      return choice.value
  }
}

/** The tools to offer: for one that is to be called, only that one. @throws GatewayError `invalid_request` if there is no such tool */
export function offered(tools: readonly Tool[], choice: ToolChoice | undefined): readonly Tool[] {
  if (choice?.type !== 'tool') return tools
  const named = tools.filter((tool) => tool.type === 'function' && tool.name === choice.name)
  if (named.length > 0) return named
  throw invalidRequest(`"tool_choice" names the tool "${choice.name}", which is not among the tools.`, 'tool_choice')
}
