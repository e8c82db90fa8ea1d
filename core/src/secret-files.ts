/** Files with secrets: tells when one says something else than was read, as when an orchestrator renews it. */
import { readFile } from 'node:fs/promises'

/** Milliseconds. Files are read, not watched: mounted secrets change by links, which watches miss. */
const INTERVAL = 1_000

export class SecretFiles {
  readonly #changed: () => void
  #texts: ReadonlyMap<string, string> = new Map()
  #timer: NodeJS.Timeout | undefined

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** From now on these, and no others. @param texts what was read, by file */
  follow(texts: ReadonlyMap<string, string>): void {
    clearInterval(this.#timer)
    this.#texts = texts
    if (texts.size > 0) this.#timer = setInterval(() => void this.#look(texts), INTERVAL).unref()
  }

  /** What cannot be read now is being renewed: the next look sees it. */
  async #look(texts: ReadonlyMap<string, string>): Promise<void> {
    const read = async ([file, text]: [string, string]) => [file, await readSecret(file).catch(() => text)] as const
    const found = new Map(await Promise.all(Array.from(texts, read)))
    const isSame = Array.from(found).every(([file, text]) => text === texts.get(file))
    if (isSame || texts !== this.#texts) return
    this.follow(found)
    this.#changed()
  }
}

async function readSecret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}
