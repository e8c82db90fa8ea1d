/** What the model says to a request. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, Finish, FunctionTool, Part, Reasoning, ToolResultPart } from '@sluice/core'
import { fill } from './fill.ts'
import { words } from './words.ts'

/** A piece of the answer, in words, so that it can be cut and streamed. */
export type Utterance =
  | { type: 'reasoning' | 'text'; words: string[] }
  | { type: 'tool-call'; id: string; name: string; words: string[] }
export type Turn = { utterances: Utterance[]; finish: Finish }

/** Characters of a text that are said back; what is longer is cut. */
const ECHO_LIMIT = 65_536
const THOUGHT = 'They said something, so I say it back.'
const MEDIA = { image: 'image', audio: 'audio clip', video: 'video', file: 'file' }

/** @throws GatewayError `invalid_request` if no model could do what is asked */
export function takeTurn(request: ChatRequest): Turn {
  const last = request.messages.at(-1)
  const results = last?.parts.filter((part) => part.type === 'tool-result') ?? []
  const tool = results.length === 0 ? wantedTool(request) : undefined
  const turn = tool ? callOf(tool, request) : speech(request, results)
  if (thinks(request.reasoning)) turn.utterances.unshift({ type: 'reasoning', words: words(THOUGHT) })
  return limited(turn, request.maxTokens)
}

/** The tool that the request insists on. */
function wantedTool({ tools = [], toolChoice }: ChatRequest): FunctionTool | undefined {
  const functions = tools.filter((tool) => tool.type === 'function')
  if (toolChoice?.type === 'required') return functions[0]
  if (toolChoice?.type !== 'tool') return undefined
  const tool = functions.find(({ name }) => name === toolChoice.name)
  if (!tool) throw invalidRequest(`"${toolChoice.name}" is not among the tools.`, 'tool_choice')
  return tool
}

function callOf({ name, parameters }: FunctionTool, { messages }: ChatRequest): Turn {
  const earlier = messages.flatMap(({ parts }) => parts).filter(({ type }) => type === 'tool-call').length
  const text = JSON.stringify(fill({ type: 'object', ...parameters }))
  const call: Utterance = { type: 'tool-call', id: `call_${earlier + 1}`, name, words: words(text) }
  return { utterances: [call], finish: { unified: 'tool-calls' } }
}

function speech(request: ChatRequest, results: readonly ToolResultPart[]): Turn {
  const { text, finish } = stopped(sentence(request, results), request.stop)
  return { utterances: [{ type: 'text', words: words(text) }], finish }
}

function sentence({ messages, responseFormat }: ChatRequest, results: readonly ToolResultPart[]): string {
  if (responseFormat?.type === 'json-schema') return JSON.stringify(fill(responseFormat.schema))
  const user = messages.findLast(({ role }) => role === 'user')
  const told = results.length > 0 ? results.map(({ content }) => heard(content)).join('\n') : heard(user?.parts ?? [])
  const echo = told.slice(0, ECHO_LIMIT)
  if (responseFormat?.type === 'json') return JSON.stringify({ echo })
  return `${results.length > 0 ? 'Tool result' : 'You said'}: ${echo}`
}

/** Texts as they are, then how much there was to see and hear. */
function heard(parts: readonly Part[]): string {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const notes = Object.entries(MEDIA).map(([type, noun]) => {
    const count = parts.filter((part) => part.type === type).length
    return count === 0 ? '' : `[${count} ${noun}${count === 1 ? '' : 's'}]`
  })
  return [texts.join('\n'), ...notes].filter((text) => text !== '').join(' ')
}

function thinks(reasoning: Reasoning | undefined): boolean {
  return reasoning !== undefined && reasoning.effort !== 'none' && reasoning.budgetTokens !== 0
}

/** Ends before the first stop sequence. */
function stopped(text: string, stop: readonly string[] = []): { text: string; finish: Finish } {
  const found = stop.flatMap((sequence) => {
    const at = sequence === '' ? -1 : text.indexOf(sequence)
    return at < 0 ? [] : [{ at, sequence }]
  })
  const first = found.toSorted((a, b) => a.at - b.at)[0]
  if (!first) return { text, finish: { unified: 'stop' } }
  return { text: text.slice(0, first.at), finish: { unified: 'stop-sequence', stopSequence: first.sequence } }
}

/** Ends with the last word that `maxTokens` allows. */
function limited(turn: Turn, maxTokens = Number.POSITIVE_INFINITY): Turn {
  if (maxTokens < 1) throw invalidRequest('The limit of output tokens must be 1 or more.', 'max_tokens')
  let left = maxTokens
  const utterances = turn.utterances.map((utterance) => {
    const kept = utterance.words.slice(0, Math.max(0, left))
    left -= utterance.words.length
    return { ...utterance, words: kept }
  })
  if (left >= 0) return turn
  return { utterances: utterances.filter((utterance) => utterance.words.length > 0), finish: { unified: 'length' } }
}
