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
  requiredString,
} from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { extras } from './blocks.ts'
import { decodeExtras } from './parts.ts'

const FUNCTION_FIELDS = new Set(['name', 'description', 'input_schema', 'strict'])

/** Undefined if the body has no tools. Tools that the provider runs stay as they are. */
export function decodeTools(body: JsonObject): Tool[] | undefined {
  return optionalArray(body, 'tools')?.map((item, index) =>
    decodeTool(itemObject(item, `tools[${index}]`), `tools[${index}].`),
  )
}

function decodeTool(tool: JsonObject, at: string): Tool {
  const type = optionalString(tool, 'type', at)
  if (type !== undefined && type !== 'custom') return { type: 'raw', dialect: NAME, value: tool }
  return defined<FunctionTool>({
    type: 'function',
    name: requiredString(tool, 'name', at),
    description: optionalString(tool, 'description', at),
    parameters: optionalObject(tool, 'input_schema', at),
    strict: optionalBoolean(tool, 'strict', at),
    ...decodeExtras(tool, FUNCTION_FIELDS, at),
  })
}

/** @throws GatewayError `invalid_request` for a tool that only another dialect has */
export function encodeTools(tools: readonly Tool[]): JsonObject[] {
  return tools.map((tool, index) => {
    if (tool.type === 'function') return encodeFunction(tool)
    if (tool.dialect === NAME) return tool.value
    throw foreignTool(tool, index, 'Claude')
  })
}

function encodeFunction(tool: FunctionTool): JsonObject {
  return defined<JsonObject>({
    ...extras(tool),
    name: tool.name,
    description: tool.description,
    // Anthropic insists on a schema with a type, which others take for granted.
    input_schema: { type: 'object', ...tool.parameters },
    strict: tool.strict,
  })
}

/** Anthropic says within the choice whether several tools may be called at once. */
interface Choice {
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
}

const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use'])

/** A choice that the model cannot say in full is kept whole. */
export function decodeToolChoice(body: JsonObject): Choice {
  const choice = optionalObject(body, 'tool_choice')
  if (choice === undefined) return {}
  const toolChoice = knownChoice(choice)
  if (toolChoice === undefined || Object.keys(choice).some((key) => !CHOICE_FIELDS.has(key))) {
    return { toolChoice: { type: 'raw', dialect: NAME, value: choice } }
  }
  const disabled = optionalBoolean(choice, 'disable_parallel_tool_use', 'tool_choice.')
  return disabled === undefined ? { toolChoice } : { toolChoice, parallelToolCalls: !disabled }
}

function knownChoice(choice: JsonObject): ToolChoice | undefined {
  switch (choice.type) {
    case 'auto':
      return { type: 'auto' }
    case 'any':
      return { type: 'required' }
    case 'none':
      return 'disable_parallel_tool_use' in choice ? undefined : { type: 'none' }
    case 'tool':
      return { type: 'tool', name: requiredString(choice, 'name', 'tool_choice.') }
    default:
      return undefined
  }
}

/** Undefined if nothing is chosen and nothing limited. */
export function encodeToolChoice({ toolChoice, parallelToolCalls }: Choice): JsonObject | undefined {
  if (toolChoice?.type === 'raw') return isObject(toolChoice.value) ? toolChoice.value : undefined
  if (toolChoice?.type === 'none') return { type: 'none' }
  const limit = parallelToolCalls === undefined ? {} : { disable_parallel_tool_use: !parallelToolCalls }
  switch (toolChoice?.type) {
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...limit } : undefined
    case 'required':
      return { type: 'any', ...limit }
    default:
      return { ...toolChoice, ...limit }
  }
}
