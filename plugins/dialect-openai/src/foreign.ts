/** What only providers of another dialect can run or understand is refused: leaving it out would change the question. */
import { invalidRequest } from '@sluice/core'
import type { GatewayError, RawPart, RawTool } from '@sluice/core'
import { textOf } from '@sluice/dialect-kit'

/** For a part of the conversation. */
export function foreignPart({ value, dialect }: RawPart): GatewayError {
  const type = textOf(value.type) ?? 'unknown'
  return invalidRequest(`A part of the type "${type}" is only known to ${dialect}.`, 'messages')
}

/** For the tool at `index`. */
export function foreignTool({ value, dialect }: RawTool, index: number): GatewayError {
  const name = textOf(value.type) ?? textOf(value.name) ?? 'unknown'
  return invalidRequest(`The tool "${name}" runs at providers of ${dialect} only.`, `tools[${index}]`)
}
