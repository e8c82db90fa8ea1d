/** Which words of an answer cite which address. */
import type { DialectName } from '../dialect-names.ts'
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'

/** Words and address, with ` → ` between them. */
type Reader = (body: Json) => string[]

export const readCited: { readonly [dialect in DialectName]?: Reader } = {
  'openai-chat': (body) =>
    objects(body.choices).flatMap(({ message }) => {
      const { content, annotations } = object(message) ?? {}
      return objects(annotations).map((annotation) => quoted(text(content), object(annotation.url_citation) ?? {}))
    }),
  'openai-responses': (body) =>
    objects(body.output)
      .flatMap(({ content }) => objects(content))
      .flatMap((part) => objects(part.annotations).map((annotation) => quoted(text(part.text), annotation))),
  // Whole blocks cite.
  anthropic: (body) =>
    objects(body.content).flatMap((block) => {
      return objects(block.citations).map(({ url }) => `${text(block.text)} → ${text(url)}`)
    }),
  // Segments are counted in bytes of their part.
  gemini: (body) =>
    objects(body.candidates).flatMap(({ content, groundingMetadata }) => {
      const whole = Buffer.from(
        objects(object(content)?.parts)
          .map((part) => text(part.text))
          .join(''),
      )
      const grounding = object(groundingMetadata) ?? {}
      const chunks = objects(grounding.groundingChunks)
      return objects(grounding.groundingSupports).flatMap(({ segment, groundingChunkIndices: indices }) => {
        const { startIndex = 0, endIndex } = object(segment) ?? {}
        const words = whole.subarray(Number(startIndex), Number(endIndex)).toString()
        return [indices ?? []].flat().map((index) => `${words} → ${text(object(chunks[Number(index)]?.web)?.uri)}`)
      })
    }),
  cohere({ message }) {
    const { content, citations } = object(message) ?? {}
    return objects(citations).flatMap(({ start, end, sources, content_index: index }) => {
      const words = text(objects(content)[Number(index)]?.text).slice(Number(start ?? 0), end as number | undefined)
      return objects(sources).map((source) => `${words} → ${text(object(source.document)?.url)}`)
    })
  },
}

function quoted(whole: string, { start_index: start, end_index: end, url }: Json): string {
  return `${whole.slice(Number(start), Number(end))} → ${text(url)}`
}
