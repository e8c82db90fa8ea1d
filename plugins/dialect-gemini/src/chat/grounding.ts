/** Sources of an answer of another dialect, as `groundingMetadata`. */
import type { Citation, JsonObject } from '@sluice/core'
import { defined } from '@sluice/dialect-kit'

/** Gathers the citations of one candidate. */
export class Grounding {
  readonly #chunks: JsonObject[] = []
  /** Numbers of the chunks, by what they say. */
  readonly #known = new Map<string, number>()
  readonly #supports: JsonObject[] = []

  /**
   * @param text the text that is cited for, up to now
   * @param before bytes of the candidate's texts before it
   * @param partIndex of the text among the candidate's parts
   */
  add(citation: Citation, text: string, before: number, partIndex: number): void {
    if (citation.url === undefined && citation.title === undefined) return
    const { start = 0, end } = citation
    const chunk = chunkOf(citation)
    const key = JSON.stringify(chunk)
    let index = this.#known.get(key)
    if (index === undefined) {
      index = this.#chunks.length
      this.#known.set(key, index)
      this.#chunks.push(chunk)
    }
    const segment = text.slice(start, end)
    const startIndex = before + Buffer.byteLength(text.slice(0, start))
    this.#supports.push({
      segment: {
        ...(partIndex > 0 && { partIndex }),
        ...(startIndex > 0 && { startIndex }),
        endIndex: startIndex + Buffer.byteLength(segment),
        text: segment,
      },
      groundingChunkIndices: [index],
    })
  }

  /** Undefined if nothing was cited. */
  metadata(): JsonObject | undefined {
    if (this.#chunks.length === 0) return undefined
    return { groundingChunks: this.#chunks, groundingSupports: this.#supports }
  }
}

/** What has no address is not of the web: clients rely on its `uri`. */
function chunkOf({ url, title, quote }: Citation): JsonObject {
  if (url === undefined) return { retrievedContext: defined({ title, text: quote }) }
  return { web: defined({ uri: url, title }) }
}
