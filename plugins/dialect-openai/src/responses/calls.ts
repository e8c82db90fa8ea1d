/** Items in which tools are called and answer, both directions. */
import type { JsonObject, Message, ToolCallPart, ToolResultPart } from '@sluice/core'
import { defined, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { argumentsOf, argumentsSpelling, writeArguments } from '../arguments.ts'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import { decodePart, encodeInput } from './content.ts'
import { extensions, keptIn } from './extensions.ts'
import { isPlainText, labels } from './message-item.ts'

const FUNCTION = fields('type id call_id status name arguments')
const CUSTOM = fields('type id call_id status name input')
const RESULT = fields('type id call_id status name output')

type Kind = NonNullable<ToolCallPart['kind']>

export function decodeCall(wire: JsonObject): ToolCallPart {
  const isCustom = wire.type === 'custom_tool_call'
  const item = labels(wire)
  return {
    type: 'tool-call',
    id: textOf(wire.call_id) || textOf(wire.id) || 'call_0',
    name: textOf(wire.name) ?? '',
    arguments: isCustom ? (textOf(wire.input) ?? '') : argumentsOf(wire.arguments),
    ...(isCustom && { kind: 'custom' }),
    ...extensions(keep(wire, isCustom ? CUSTOM : FUNCTION, isCustom ? { item } : { item, ...argumentsSpelling(wire) })),
  }
}

/** Without `id` and `status` if the call came from another dialect. */
export function encodeCall(part: ToolCallPart): JsonObject {
  const kept = keptIn(part)
  const spelling = spellingOf(kept)
  const isCustom = part.kind === 'custom'
  const wire: JsonObject = {
    ...restore(kept),
    type: isCustom ? 'custom_tool_call' : 'function_call',
    ...objectOf(spelling.item),
    call_id: part.id,
    name: part.name,
  }
  if (isCustom) wire.input = part.arguments
  else writeArguments(part.arguments, wire, spelling.arguments)
  return wire
}

export function decodeResult(wire: JsonObject): ToolResultPart {
  const { output } = wire
  const isList = Array.isArray(output) && output.length > 0
  const name = textOf(wire.name)
  return {
    type: 'tool-result',
    callId: textOf(wire.call_id) ?? '',
    ...(name !== undefined && { name }),
    content: isList ? listOf(output).flatMap(decodeItem) : textContent(output),
    ...extensions(
      keep(
        wire,
        RESULT,
        defined({
          item: labels(wire),
          kind: wire.type === 'custom_tool_call_output' ? 'custom' : undefined,
          name: name === undefined ? undefined : 'written',
          output: isList ? 'list' : undefined,
          call_id: 'call_id' in wire ? undefined : 'absent',
        }),
      ),
    ),
  }
}

function decodeItem(value: unknown): ToolResultPart['content'] {
  const wire = objectOf(value)
  return wire === undefined ? [] : [decodePart(wire, 'input')]
}

function textContent(output: unknown): ToolResultPart['content'] {
  return typeof output === 'string' && output !== '' ? [{ type: 'text', text: output }] : []
}

/** @param kind of the call that it answers, for results that came from another dialect */
export function encodeResult(part: ToolResultPart, kind: Kind, drops: Drops): JsonObject {
  const kept = keptIn(part)
  const spelling = spellingOf(kept)
  drops.addForeign(part.extensions, 'messages.')
  if (part.isError) drops.add('messages.is_error', 'this API does not tell failed tool results apart')
  const isCustom = spelling.kind === 'custom' || (kept === undefined && kind === 'custom')
  const wire: JsonObject = {
    ...restore(kept),
    type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
    ...objectOf(spelling.item),
    ...(spelling.call_id === undefined && { call_id: part.callId }),
    // Other dialects name the tool here; in this one the id says enough.
    ...(spelling.name !== undefined && { name: part.name }),
  }
  const items = part.content.flatMap<JsonObject>((content) => encodeInput(content, 'input', drops) ?? [])
  const [first] = items
  if (items.length === 0) wire.output ??= ''
  else wire.output = items.length === 1 && isPlainText(first) && spelling.output !== 'list' ? first!.text : items
  return wire
}

/** The kind of each call of a conversation, by id. */
export function kindsOf(messages: readonly Message[]): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, Kind>()
  for (const { parts } of messages)
    for (const part of parts) if (part.type === 'tool-call') kinds.set(part.id, part.kind ?? 'function')
  return kinds
}
