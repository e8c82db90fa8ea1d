/** What of a question a dialect can say, and what an upstream of it must be asked when a client of any dialect asks it. */
import type { ByDialect, DialectName } from '../dialect-names.ts'
import type { Question } from './question.ts'

/** What not every dialect has words for. */
export type Wish =
  | 'stop'
  | 'a blank stop'
  | 'one call at a time'
  | 'a named tool'
  | 'no tool'
  | 'an image on the web'
  | 'no limit'
  | 'calls of tools that are not offered'

const wishes: { readonly [wish in Wish]: (question: Question) => boolean } = {
  stop: ({ stop }) => stop.length > 0,
  'a blank stop': ({ stop }) => stop.some(isBlank),
  'one call at a time': ({ parallel }) => parallel === false,
  'a named tool': ({ toolChoice }) => toolChoice.startsWith('tool '),
  'no tool': ({ toolChoice }) => toolChoice === 'none',
  'an image on the web': ({ turns }) => turns.some((turn) => 'image' in turn && !turn.image.startsWith('data:')),
  'no limit': ({ limit }) => limit === undefined,
  'calls of tools that are not offered': (question) => toolsLacking(question).length > 0,
}

function toolsLacking({ turns, tools }: Question): string[] {
  const called = turns.flatMap((turn) => ('name' in turn ? turn.name : []))
  return [...new Set(called)].filter((name) => !tools.some((tool) => tool.name === name))
}

function isBlank(sequence: unknown): boolean {
  return typeof sequence === 'string' && sequence.trim() === ''
}

/** How a dialect gets by without a word. */
interface Makeshift {
  why: string
  /** Name under which the gateway must report it; if there is none, nothing of the meaning is lost. */
  dropped?: string
  /** What is asked in its place; without one, the question is refused. */
  instead?: (question: Question) => Question
}

const parallel = 'parallel_tool_calls'
const severalCalls: Makeshift = {
  why: 'the model may always call several tools',
  dropped: parallel,
  instead: (question) => ({ ...question, parallel: undefined }),
}

export const MAKESHIFTS: ByDialect<{ readonly [wish in Wish]?: Makeshift }> = {
  'openai-chat': {},
  'openai-responses': {
    stop: { why: 'there are no stop sequences', dropped: 'stop', instead: (question) => ({ ...question, stop: [] }) },
  },
  anthropic: {
    'a blank stop': {
      why: 'stop sequences of white space are refused',
      dropped: 'stop',
      instead: ({ stop, ...question }) => ({ ...question, stop: stop.filter((sequence) => !isBlank(sequence)) }),
    },
    'no limit': { why: 'there is no request without one', instead: (question) => ({ ...question, limit: 4096 }) },
  },
  gemini: { 'one call at a time': severalCalls },
  cohere: {
    'one call at a time': severalCalls,
    'a named tool': {
      why: 'one of the tools can be asked for, but not by name: no other is offered',
      instead: ({ toolChoice, tools, ...question }) => ({
        ...question,
        toolChoice: 'required',
        tools: tools.filter(({ name }) => toolChoice === `tool ${name}`),
      }),
    },
  },
  bedrock: {
    'one call at a time': severalCalls,
    'no tool': {
      why: 'tools cannot be offered and forbidden: none are offered',
      instead: (question) => ({ ...question, toolChoice: '', tools: [] }),
    },
    'an image on the web': { why: 'images are sent along, or lie at AWS' },
    'calls of tools that are not offered': {
      why: 'a conversation with calls is refused without tools',
      instead: (question) => ({ ...question, tools: [...question.tools, ...toolsLacking(question).map(anyTool)] }),
    },
  },
}

/** What clients of a dialect cannot ask for: it is left out, or (`impossible`) there is no such request at all. */
export const UNASKED: ByDialect<{ readonly [wish in Wish]?: 'left out' | 'impossible' }> = {
  'openai-chat': {},
  'openai-responses': { stop: 'left out' },
  anthropic: { 'no limit': 'left out' },
  gemini: { 'one call at a time': 'left out' },
  cohere: { 'one call at a time': 'left out', 'a named tool': 'left out' },
  bedrock: { 'one call at a time': 'left out', 'no tool': 'left out', 'an image on the web': 'impossible' },
}

/** Which of the wishes in `table` a question has. */
export function wishesIn(table: { readonly [wish in Wish]?: unknown }, question: Question): Wish[] {
  return (Object.keys(table) as Wish[]).filter((wish) => wishes[wish](question))
}

/** Whether a client of the dialect can ask it at all. */
export function isPossible(client: DialectName, question: Question): boolean {
  return wishesIn(UNASKED[client], question).every((wish) => UNASKED[client][wish] !== 'impossible')
}

function anyTool(name: string): Question['tools'][number] {
  return { name, description: '', schema: { type: 'object' } }
}

export interface Arrival {
  /** Undefined if the question must be refused. */
  question: Question | undefined
  /** Sorted. */
  dropped: string[]
}

/** @param question as the client's dialect says it, which is another one */
export function arrivalAt(upstream: DialectName, question: Question): Arrival {
  let arrived: Question | undefined = plain(question)
  const dropped: string[] = []
  for (const wish of wishesIn(MAKESHIFTS[upstream], arrived)) {
    const { dropped: name, instead } = MAKESHIFTS[upstream][wish]!
    arrived = arrived && instead?.(arrived)
    if (name) dropped.push(name)
  }
  return { question: arrived, dropped: dropped.sort() }
}

/** Without words for what holds anyway. */
export function plain(question: Question): Question {
  const { toolChoice, parallel } = question
  return {
    ...question,
    toolChoice: toolChoice === 'auto' ? '' : toolChoice,
    parallel: parallel === false ? false : undefined,
  }
}
