/** Tools of requests of other dialects. */
import type { ChatRequest, FunctionTool, Message, Tool, ToolChoice } from '@sluice/core'
import { defined } from '@sluice/dialect-kit'
import type { Family } from './families.ts'
import type { Drop } from './fit.ts'
import { escapeToolName } from './tool-names.ts'

type Tooling = Pick<ChatRequest, 'tools' | 'toolChoice'>

/** @param messages as they go to the target: Bedrock wants the tools of every call in them */
export function fitTools(request: ChatRequest, messages: readonly Message[], family: Family, drop: Drop): Tooling {
  const { toolChoice } = request
  const tools = request.tools?.map((tool, index) => fitTool(tool, `tools[${index}]`, family, drop)) ?? []
  const used = calledTools(messages, tools)
  if (toolChoice?.type === 'none') {
    // Without tools there is no choice.
    if (used.length === 0 && !hasCalls(messages)) return {}
    drop('tool_choice', 'Bedrock cannot forbid the tools of calls in the history')
    return { tools: [...tools, ...used] }
  }
  const choice = fitChoice(toolChoice, tools.length > 0, drop)
  const all = [...tools, ...used]
  return { ...(all.length > 0 && { tools: all }), ...(choice && { toolChoice: choice }) }
}

function fitTool(tool: Tool, at: string, family: Family, drop: Drop): Tool {
  if (tool.type === 'raw') return tool
  const { name, description, parameters, strict, cache } = tool
  if (strict && !family.isClaude) drop('tools.strict', `${family.name} has no such parameter`)
  if (cache && !family.isClaude) drop('tools.cache_control', `${family.name} caches no tools`)
  return defined<FunctionTool>({
    type: 'function',
    name: escapeToolName(name, `${at}.name`),
    description: description === '' ? undefined : description,
    // Bedrock insists on a schema with a type, which others take for granted.
    parameters: { type: 'object', ...parameters },
    strict: strict && family.isClaude,
    cache: family.isClaude && cache,
  })
}

function hasCalls(messages: readonly Message[]): boolean {
  return messages.some(({ parts }) => parts.some(({ type }) => type === 'tool-call' || type === 'tool-result'))
}

/** Tools that were called and are offered no more. What they take is not known any more. */
function calledTools(messages: readonly Message[], offered: readonly Tool[]): Tool[] {
  const known = new Set(offered.map((tool) => (tool.type === 'function' ? tool.name : '')))
  const names = messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? part.name : [])))
  return [...new Set(names)]
    .filter((name) => !known.has(name))
    .map((name) => ({ type: 'function', name, parameters: { type: 'object' } }))
}

function fitChoice(choice: ToolChoice | undefined, hasTools: boolean, drop: Drop): ToolChoice | undefined {
  if (choice === undefined || (!hasTools && choice.type === 'auto')) return undefined
  if (hasTools && choice.type === 'tool') return { type: 'tool', name: escapeToolName(choice.name, 'tool_choice') }
  if (hasTools && choice.type !== 'raw') return choice
  const why = choice.type === 'raw' ? `only ${choice.dialect} has this choice` : 'there are no tools to choose from'
  drop('tool_choice', why)
  return undefined
}
