/**
 * What an upstream thought, shown to a client of another dialect and sent back by it with the results of its
 * tools: upstreams want it as they wrote it.
 */
import type { JsonObject } from '@sluice/core'
import { CODECS } from '../../support/codecs.ts'
import { hello } from '../../support/hello.ts'
import { WIRES } from '../../support/wires.ts'
import { leavesOf } from './leaves.ts'
import { marked, places } from './marks.ts'
import { CALL_SIGNATURE, ENCRYPTED, NATIVE_THOUGHTS, SIGNATURE, THOUGHT } from './native-thoughts.ts'
import type { Outcome, RequestRow } from './outcome.ts'
import { received, sent } from './sending.ts'
import type { Dropped, Pair } from './sending.ts'

const ROWS = [
  ["upstream's thought, sent back", THOUGHT],
  ['its signature', SIGNATURE],
  ['encrypted thought', ENCRYPTED],
  ['signature of a tool call', CALL_SIGNATURE],
] as const

/** A row for each thing that upstreams of the dialect show. */
export function thoughtRows(pair: Pair): RequestRow[] {
  const body = nextRequest(pair)
  const { wire, dropped } = sent(body, pair)
  return ROWS.flatMap(([name, mark]): RequestRow[] => {
    const [shown, said, back] = [NATIVE_THOUGHTS[pair.upstream], body, wire].map((each) =>
      marked(leavesOf(each), [mark]),
    )
    if (shown!.length === 0) return []
    const outcome = outcomeOf(places(back!, [mark]), said!.length > 0 ? dropped : [])
    return [{ name, said: places(said!, [mark]), outcome, isDispensable: false }]
  })
}

function outcomeOf(found: readonly string[], dropped: readonly Dropped[]): Outcome {
  if (found.length > 0) return { kind: 'carried', places: found, dropped: [] }
  return dropped.length > 0 ? { kind: 'dropped', dropped } : { kind: 'silent' }
}

/** What the client sends after the upstream's first answer. */
function nextRequest(pair: Pair): JsonObject {
  const { client, upstream } = pair
  const { ask, goOn } = WIRES[client]
  const tools = [{ name: 'get_weather', description: 'Weather', schema: { type: 'object', properties: {} } }]
  const asked = ask({ ...hello, tools, limit: 8000 }, 'model')
  const request = received(asked.body, pair)
  const answer = CODECS[client].encodeResponse(CODECS[upstream].decodeResponse(NATIVE_THOUGHTS[upstream]), {
    id: 'exchange',
    model: 'model',
    request,
  })
  const calls = CODECS[client].decodeResponse(answer).choices[0]!.parts.filter((part) => part.type === 'tool-call')
  const results = calls.map(({ id, name }) => ({ call: id, name, result: 'It is sunny.' }))
  return goOn(asked, answer, results).body
}
