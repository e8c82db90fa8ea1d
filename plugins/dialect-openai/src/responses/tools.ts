/** Tools and the choice among them, both directions. */
import { invalidRequest } from '@sluice/core'
import type { FunctionTool, JsonObject, Tool, ToolChoice } from '@sluice/core'
import { foreignTool, isObject, itemObject, requiredString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { TAKER } from '../unfit-media.ts'
import { fields, keep, restore } from '../kept.ts'
import { FUNCTION_FIELDS, readFunction, writeFunction } from '../schema.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'

const FIELDS = fields('type', FUNCTION_FIELDS)

/** Tools that the provider runs, and custom ones, are raw. Throws `invalid_request` on a wrong shape. */
export function decodeTools(tools: readonly unknown[]): Tool[] {
  return tools.map((item, index) => {
    const at = `tools[${index}].`
    const wire = itemObject(item, `tools[${index}]`)
    if (requiredString(wire, 'type', at) !== 'function') return { type: 'raw', dialect: DIALECT, value: wire }
    return { ...readFunction(wire, at), ...extensions(keep(wire, FIELDS)) }
  })
}

/** Throws `invalid_request` for a tool that only another dialect's provider can run. */
export function encodeTools(tools: readonly Tool[], own: boolean, drops: Drops): JsonObject[] {
  return tools.map((tool, index) => {
    if (tool.type === 'raw') {
      if (tool.dialect !== DIALECT) throw foreignTool(tool, index, TAKER)
      return tool.value
    }
    drops.addForeign(tool.extensions, 'tools.')
    if (tool.cache !== undefined) drops.add('cache_control', 'this API caches prompts by itself')
    const wire = encodeFunction(tool)
    // Left out, it would mean true here, and the schema may not be up to that.
    if (!own) wire.strict ??= false
    return wire
  })
}

/** A function as a client wrote it. */
export function encodeFunction(tool: FunctionTool): JsonObject {
  return { ...restore(keptIn(tool)), type: 'function', ...writeFunction(tool) }
}

/** Anything but the four plain forms is raw. */
export function decodeToolChoice(choice: unknown): ToolChoice {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  if (
    isObject(choice) &&
    choice.type === 'function' &&
    typeof choice.name === 'string' &&
    Object.keys(choice).length === 2
  )
    return { type: 'tool', name: choice.name }
  if (typeof choice === 'string' || isObject(choice)) return { type: 'raw', dialect: DIALECT, value: choice }
  throw invalidRequest('"tool_choice" must be a string or an object.', 'tool_choice')
}

/** Undefined for a form that only another dialect has. */
export function encodeToolChoice(choice: ToolChoice): unknown {
  if (choice.type === 'tool') return { type: 'function', name: choice.name }
  if (choice.type !== 'raw') return choice.type
  return choice.dialect === DIALECT ? choice.value : undefined
}
