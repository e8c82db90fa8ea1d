/** Clients count where a citation stands; upstreams may only say of which text it is, and before they write it. */
import type { Citation, JsonObject, Part, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { answerFrom, encodeAnswer, encodeStream, outputOf, startFrom } from './responses-support.ts'
import { encodeParts, encodeResponse } from './support.ts'

const cite = (url: string, more: Partial<Citation> = {}): Citation => ({ url, ...more })
const texts: Part[] = [
  { type: 'text', text: 'One. ' },
  { type: 'text', text: 'Two, three.', citations: [cite('https://two'), cite('https://three', { start: 5, end: 10 })] },
  { type: 'text', text: ' Four.', citations: [cite('https://four')] },
]
const said = (block: number, text: string): StreamPart => ({ type: 'text-delta', block, text })
const cited = (block: number, citation: Citation): StreamPart => ({ type: 'citation', block, citation })
/** The same as a stream, in which each text comes in two pieces and its citations somewhere. */
const parts: StreamPart[] = [
  said(0, 'One. '),
  cited(1, cite('https://two')),
  said(1, 'Two, '),
  said(1, 'three.'),
  cited(1, cite('https://three', { start: 5, end: 10 })),
  said(2, ' Fo'),
  cited(2, cite('https://four')),
  said(2, 'ur.'),
]
const PLACES = [
  ['https://two', 'Two, three.'],
  ['https://three', 'three'],
  ['https://four', ' Four.'],
]

describe('a client of the chat API', () => {
  const placesIn = (content: string, annotations: JsonObject[]) =>
    annotations.map(({ url_citation: citation }) => {
      const { url, start_index: start, end_index: end } = citation as { [field: string]: unknown }
      return [url, content.slice(start as number, end as number)]
    })
  const deltasOf = (stream: StreamPart[]): JsonObject[] =>
    encodeParts(stream).flatMap((chunk) =>
      typeof chunk === 'string' ? [] : (chunk.choices as { delta: JsonObject }[]).map(({ delta }) => delta),
    )
  const annotationsIn = (deltas: JsonObject[]): JsonObject[] =>
    deltas.flatMap(({ annotations }) => (annotations as JsonObject[] | undefined) ?? [])

  test('counts from the beginning of the whole content', () => {
    const choices = [{ index: 0, parts: texts, finish: { unified: 'stop' as const } }]
    const { message } = (encodeResponse({ operation: 'chat', choices, extensions: {} }).choices as JsonObject[])[0]!
    const { content, annotations } = message as { content: string; annotations: JsonObject[] }
    expect(placesIn(content, annotations)).toEqual(PLACES)
  })

  test('hears of a whole text once it is over', () => {
    const deltas = deltasOf(parts)
    const content = deltas.map((delta) => (delta.content as string | undefined) ?? '').join('')
    expect(new Set(placesIn(content, annotationsIn(deltas)))).toEqual(new Set(PLACES))
  })

  test('hears late of a text that is long over', () => {
    const [delta] = annotationsIn(deltasOf([...parts, cited(0, cite('https://one')), said(2, '!')]))
      .filter(({ url_citation: citation }) => (citation as JsonObject).url === 'https://one')
      .map(({ url_citation: citation }) => citation)
    expect(delta).toMatchObject({ start_index: 0, end_index: 5 })
  })
})

describe('a client of the Responses API', () => {
  const placesIn = (response: JsonObject) =>
    outputOf(response)
      .flatMap(({ content }) => content as { text: string; annotations: JsonObject[] }[])
      .flatMap(({ text, annotations }) =>
        annotations.map(({ url, start_index: start, end_index: end }) => [
          url,
          text.slice(start as number, end as number),
        ]),
      )

  test('counts from the beginning of the text', () => {
    expect(placesIn(encodeAnswer(answerFrom('anthropic', texts)))).toEqual(PLACES)
  })

  test('hears of a whole text once it is over', () => {
    expect(new Set(placesIn(encodeStream([startFrom('anthropic'), ...parts]).response))).toEqual(new Set(PLACES))
  })
})
