/** `toolConfig` in both directions: which tools the model may or must call. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, ToolChoice } from '@sluice/core'
import { isObject, optionalArray, optionalObject, optionalString } from '@sluice/dialect-kit'
import { camelCased } from './camel.ts'
import { saysSame } from './same.ts'

const CASED = new Set(['functionCallingConfig', 'retrievalConfig', 'includeServerSideToolInvocations'])
const CALLING = new Set(['allowedFunctionNames', 'streamFunctionCallArguments'])

interface ToolConfig {
  choice?: ToolChoice
  /** What the choice does not say. */
  rest?: JsonObject
  /** The whole, in camelCase. */
  came?: JsonObject
}

export function decodeToolConfig(body: JsonObject): ToolConfig {
  const wire = optionalObject(body, 'toolConfig')
  if (wire === undefined) return {}
  const config = camelCased(wire, CASED, 'toolConfig.')
  const inner = optionalObject(config, 'functionCallingConfig', 'toolConfig.')
  if (inner === undefined) return { came: config, ...(Object.keys(config).length > 0 && { rest: config }) }
  const at = 'toolConfig.functionCallingConfig.'
  const calling = camelCased(inner, CALLING, at)
  const { choice, unsaid } = decodeChoice(calling, at)
  const { functionCallingConfig: _, ...others } = config
  const rest = { ...others, ...(Object.keys(unsaid).length > 0 && { functionCallingConfig: unsaid }) }
  return {
    ...(choice && { choice }),
    ...(Object.keys(rest).length > 0 && { rest }),
    came: { ...config, functionCallingConfig: calling },
  }
}

/** `unsaid`: the fields that the choice does not stand for. */
function decodeChoice(calling: JsonObject, at: string): { choice?: ToolChoice; unsaid: JsonObject } {
  const names = optionalArray(calling, 'allowedFunctionNames', at)
  const [only, ...more] = names ?? []
  if (names?.some((name) => typeof name !== 'string'))
    throw invalidRequest(`"${at}allowedFunctionNames" must hold names.`, `${at}allowedFunctionNames`)
  const { mode: _, ...unsaid } = calling
  switch (optionalString(calling, 'mode', at)) {
    case 'AUTO':
      return { choice: { type: 'auto' }, unsaid }
    case 'NONE':
      return { choice: { type: 'none' }, unsaid }
    case 'ANY': {
      if (typeof only !== 'string' || more.length > 0) return { choice: { type: 'required' }, unsaid }
      const { allowedFunctionNames: __, ...others } = unsaid
      return { choice: { type: 'tool', name: only }, unsaid: others }
    }
    case 'VALIDATED':
      return { choice: { type: 'auto' }, unsaid: calling }
    default:
      return { unsaid: calling }
  }
}

/** @param came what a client of this dialect sent: it goes out so, if its choice still holds */
export function encodeToolConfig(choice: ToolChoice | undefined, came: unknown): JsonObject | undefined {
  if (isObject(came)) {
    const before = decodeToolConfig({ toolConfig: came }).choice
    if (saysSame(before, choice)) return came
  }
  const calling = choice && encodeChoice(choice)
  const { functionCallingConfig: _, ...others } = isObject(came) ? came : {}
  const config = { ...others, ...(calling && { functionCallingConfig: calling }) }
  return Object.keys(config).length > 0 ? config : undefined
}

/** Choices that only another dialect has are left out before. */
function encodeChoice(choice: ToolChoice): JsonObject | undefined {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'raw':
      return undefined
  }
}
