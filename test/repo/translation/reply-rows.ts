/** How what an upstream of one dialect answers reaches a client of another, whole and streamed: found by running both codecs. */
import type { ChatResponse, JsonObject, ReplyContext, StreamPart } from '@sluice/core'
import { partsOf } from '@sluice/dialect-kit'
import { CODECS } from '../../support/codecs.ts'
import type { DialectName } from '../../support/dialect-names.ts'
import { ask, weather } from './features/build.ts'
import { framesOf } from './frames.ts'
import type { StreamFrame } from './frames.ts'
import { added, includes, leavesOf } from './leaves.ts'
import type { Leaf } from './leaves.ts'
import { marked, places } from './marks.ts'
import type { Marks } from './marks.ts'
import { LOGPROB, NATIVE_LOGPROBS } from './native-logprobs.ts'
import { CALL_SIGNATURE, ENCRYPTED, NATIVE_THOUGHTS, SIGNATURE, THOUGHT } from './native-thoughts.ts'
import { REPLY_FEATURES } from './reply-features.ts'
import type { ReplyFeature } from './reply-features.ts'
import { unlessRefused } from './sending.ts'
import type { Pair } from './sending.ts'

export interface ReplyRow {
  name: string
  /** How the upstream says it. */
  said: readonly string[]
  /** How the client gets it; nothing if it does not. */
  whole: readonly string[]
  /** The same in a stream, by the events that first have it. */
  streamed: ReadonlyMap<string, readonly string[]>
}

/** An answer of the upstream, with and without a feature. */
interface Answers {
  name: string
  wire: JsonObject
  base: JsonObject | undefined
  marks: Marks
}

export function replyRows(pair: Pair): ReplyRow[] {
  return [...native(pair.upstream), ...REPLY_FEATURES.flatMap((feature) => written(feature, pair.upstream) ?? [])].map(
    (answers) => rowOf(answers, pair),
  )
}

/** What can be had in the upstream's own words only. */
function native(upstream: DialectName): Answers[] {
  const thoughts = NATIVE_THOUGHTS[upstream]
  const logprobs = NATIVE_LOGPROBS[upstream]
  const answers: Answers[] = [
    { name: 'thought', wire: thoughts, base: undefined, marks: [THOUGHT] },
    { name: 'signature of a thought', wire: thoughts, base: undefined, marks: [SIGNATURE] },
    { name: 'encrypted thought', wire: thoughts, base: undefined, marks: [ENCRYPTED] },
    { name: 'signature of a tool call', wire: thoughts, base: undefined, marks: [CALL_SIGNATURE] },
    ...(logprobs ? [{ name: 'log probabilities', wire: logprobs, base: undefined, marks: [LOGPROB] }] : []),
  ]
  return answers.filter(({ wire, marks }) => marked(leavesOf(wire), marks).length > 0)
}

/** Undefined if the upstream's dialect has no words for it. */
function written({ name, response, without, marks }: ReplyFeature, upstream: DialectName): Answers | undefined {
  const codec = CODECS[upstream]
  const write = (answer: ChatResponse): JsonObject => codec.encodeResponse(answer, contextOf(upstream))
  return unlessRefused(() => {
    const [wire, base] = [write(response), write(without)]
    const told = added(codec.decodeResponse(wire), codec.decodeResponse(base))
    return includes(told, marked(added(response, without), marks)) ? { name, wire, base, marks } : undefined
  })
}

function rowOf({ name, wire, base, marks }: Answers, pair: Pair): ReplyRow {
  const { client, upstream } = pair
  const context = contextOf(client)
  const decode = (body: JsonObject): ChatResponse => CODECS[upstream].decodeResponse(body)
  const whole = (body: JsonObject): JsonObject => CODECS[client].encodeResponse(decode(body), context)
  const stream = (body: JsonObject) => streamOf(decode(body), pair, context)
  return {
    name,
    said: places(added(wire, base ?? {}), marks),
    whole: heard(added(whole(wire), base ? whole(base) : {}), marks),
    streamed: firstOf(stream(wire), base ? stream(base) : [], marks),
  }
}

/** The upstream's stream of an answer, as the client gets it. */
function streamOf(response: ChatResponse, { client, upstream }: Pair, context: ReplyContext): StreamFrame[] {
  const codec = CODECS[upstream]
  const from = codec.stream.writer(contextOf(upstream))
  const said = unlessRefused(() => Array.from(partsOf(response), withLogprobs(response)))
  if (said === undefined) return []
  const reader = codec.stream.reader()
  const parts: StreamPart[] = []
  for (const part of said) reader.push(Buffer.from(from.push(part)), parts)
  reader.push(Buffer.from(from.end()), parts)
  reader.end(parts)
  const to = CODECS[client].stream.writer(context)
  const frames = [...parts.map((part) => to.push(part)), to.end()].map((frame) => Buffer.from(frame))
  return framesOf(Buffer.concat(frames), CODECS[client].stream.contentType)
}

/** Log probabilities come with the texts they are of. */
function withLogprobs({ choices: [choice] }: ChatResponse): (part: StreamPart) => StreamPart {
  const logprobs = choice?.logprobs
  return (part) => (part.type === 'text-delta' && logprobs !== undefined ? { ...part, logprobs } : part)
}

/** What is said more, if it is what was meant. */
function heard(leaves: readonly Leaf[], marks: Marks): string[] {
  return places(marked(leaves, marks), marks)
}

/** Each mark in the first frame that has it; without marks, what no frame of the other stream says. */
function firstOf(frames: readonly StreamFrame[], base: readonly StreamFrame[], marks: Marks): ReplyRow['streamed'] {
  const known = leavesOf(base.map(({ data }) => data))
  const found = new Map<string, string[]>()
  const wanted: Marks[] = marks.length > 0 ? marks.map((mark) => [mark]) : [[]]
  for (const each of wanted) {
    for (const { event, data } of frames) {
      const leaves = marked(leavesOf(data), each).filter(
        (leaf) => !includes(known, [{ ...leaf, path: `[].${leaf.path}` }]),
      )
      if (leaves.length === 0) continue
      found.set(event, [...new Set([...(found.get(event) ?? []), ...places(leaves, each)])])
      break
    }
  }
  return found
}

/** A client who wants to hear all there is. */
function contextOf(dialect: DialectName): ReplyContext {
  const request = ask({ tools: [weather], logprobs: true, topLogprobs: 1, stream: true, includeUsage: true })
  const body = CODECS[dialect].encodeRequest(request, { model: 'model', drop: () => undefined })
  const decoded = { ...CODECS[dialect].decodeRequest(body), model: 'model', stream: true }
  return { id: 'exchange', model: 'model', request: decoded }
}
