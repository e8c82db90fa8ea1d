import type { RequestContext, Tool, ToolChoice } from '@sluice/core'

/**
 * For requests of other dialects: the choice, if it can be made. Without tools there is nothing to choose, and forms
 * of another dialect's own are reported.
 * @param tools undefined if there are none
 */
export function fitToolChoice(
  choice: ToolChoice | undefined,
  tools: readonly Tool[] | undefined,
  drop: RequestContext['drop'],
): ToolChoice | undefined {
  if (choice === undefined || (tools === undefined && (choice.type === 'auto' || choice.type === 'none')))
    return undefined
  if (tools !== undefined && choice.type !== 'raw') return choice
  drop(
    'tool_choice',
    choice.type === 'raw' ? `only ${choice.dialect} has this choice` : 'there are no tools to choose from',
  )
  return undefined
}
