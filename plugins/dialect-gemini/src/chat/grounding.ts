/** Sources of an answer of another dialect, as `groundingMetadata`. */
import type { Citation, JsonObject } from '@sluice/core'

/** Gathers the citations of one candidate. */
export class Grounding {
  readonly #chunks: JsonObject[] = []
  /** Numbers of the chunks, by address and title. */
  readonly #known = new Map<string, number>()
  readonly #supports: JsonObject[] = []

  /**
   * @param text the text that is cited for, up to now
   * @param before bytes of the candidate's texts before it
   * @param partIndex of the text among the candidate's parts
   */
  add({ url, title, start = 0, end }: Citation, text: string, before: number, partIndex: number): void {
    if (url === undefined && title === undefined) return
    const key = JSON.stringify([url, title])
    let index = this.#known.get(key)
    if (index === undefined) {
      index = this.#chunks.length
      this.#known.set(key, index)
      this.#chunks.push({ web: { ...(url !== undefined && { uri: url }), ...(title !== undefined && { title }) } })
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
