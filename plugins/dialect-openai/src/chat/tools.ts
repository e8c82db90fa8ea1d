/** Tools and the choice among them, both directions. */
import { invalidRequest } from '@sluice/core'
import type { FunctionTool, JsonObject, Tool, ToolChoice } from '@sluice/core'
import { foreignTool, isObject, itemObject, objectOf, requiredObject, requiredString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { TAKER } from '../unfit-media.ts'
import { fields, keepWithin, restoreWithin, spellingOf } from '../kept.ts'
import { FUNCTION_FIELDS, readFunction, writeFunction } from '../schema.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { cacheHint } from './parts.ts'

const FIELDS = {
  outer: fields('type function cache_control'),
  inner: fields(FUNCTION_FIELDS),
}

/** Throws `invalid_request` on a wrong shape. */
export function decodeTools(tools: readonly unknown[]): Tool[] {
  return tools.map((item, index) => {
    const at = `tools[${index}].`
    const wire = itemObject(item, `tools[${index}]`)
    return requiredString(wire, 'type', at) === 'function'
      ? decodeFunction(wire, at)
      : { type: 'raw', dialect: DIALECT, value: wire }
  })
}

function decodeFunction(wire: JsonObject, at: string): FunctionTool {
  const described = requiredObject(wire, 'function', at)
  const hint = objectOf(wire.cache_control)
  return {
    ...readFunction(described, `${at}function.`),
    ...(hint !== undefined && { cache: cacheHint(hint) }),
    ...extensions(keepWithin(wire, 'function', FIELDS, { outer: hint === undefined ? {} : { cache_control: hint } })),
  }
}

/** Throws `invalid_request` for a tool that only another dialect's provider can run. */
export function encodeTools(tools: readonly Tool[], drops: Drops): JsonObject[] {
  return tools.map((tool, index) => {
    if (tool.type === 'function') return encodeFunction(tool, drops)
    if (tool.dialect === DIALECT) return tool.value
    throw foreignTool(tool, index, TAKER)
  })
}

function encodeFunction(tool: FunctionTool, drops: Drops): JsonObject {
  drops.addForeign(tool.extensions, 'tools.')
  const kept = keptIn(tool)
  const { wire, inner } = restoreWithin(kept, 'function')
  Object.assign(inner, writeFunction(tool))
  const hint = spellingOf(kept).cache_control
  if (hint !== undefined) wire.cache_control = hint
  else if (tool.cache !== undefined) drops.add('cache_control', 'this API caches prompts by itself')
  return { ...wire, type: 'function' }
}

/** Anything but the four plain forms is raw. */
export function decodeToolChoice(choice: unknown): ToolChoice {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  // Mistral's word.
  if (choice === 'any') return { type: 'required' }
  const named =
    isObject(choice) && choice.type === 'function' && Object.keys(choice).length === 2
      ? objectOf(choice.function)
      : undefined
  if (typeof named?.name === 'string' && Object.keys(named).length === 1) return { type: 'tool', name: named.name }
  if (typeof choice === 'string' || isObject(choice)) return { type: 'raw', dialect: DIALECT, value: choice }
  throw invalidRequest('"tool_choice" must be a string or an object.', 'tool_choice')
}

/** @param spelling the word that was used for `required`, if another */
export function encodeToolChoice(choice: ToolChoice, spelling: unknown, drops: Drops): unknown {
  switch (choice.type) {
    case 'tool':
      return { type: 'function', function: { name: choice.name } }
    case 'required':
      return spelling ?? 'required'
    case 'raw':
      if (choice.dialect === DIALECT) return choice.value
      drops.add('tool_choice', `only ${choice.dialect} knows this form`)
      return undefined
    default:
      return choice.type
  }
}
