/**
 * What a recorded answer says, in neutral words. The readers beside this file take it from the raw JSON
 * and frames by the facts of the vendors' formats alone; nothing of the gateway's code is involved.
 */
export interface Answer {
  id: string
  model: string
  choices: Choice[]
  /** Undefined if nothing was counted. */
  tokens: Tokens | undefined
}

export interface Choice {
  text: string
  refusal: string
  /** What an answer in sound says, in words. */
  spoken: string
  reasoning: string
  /** Proofs of the reasoning, which must come back unchanged, and encrypted reasoning. */
  signatures: string[]
  encrypted: string[]
  calls: Call[]
  /** Addresses that the answer cites. */
  sources: string[]
  /** Images that it shows, as data URLs. */
  images: string[]
  /** The vendor's word for its end; '' if it gave none. */
  finish: string
}

export interface Call {
  id: string
  name: string
  /** Parsed; the text itself if it is no JSON. */
  arguments: unknown
}

/** `input` contains cache reads and writes, `output` contains reasoning. */
export interface Tokens {
  input: number
  cacheRead: number
  cacheWrite: number
  output: number
  reasoning: number
}

export function emptyChoice(): Choice {
  const said = { text: '', refusal: '', spoken: '', reasoning: '' }
  return { ...said, signatures: [], encrypted: [], calls: [], sources: [], images: [], finish: '' }
}

/** Arguments as a model wrote them; some write nothing or `null` where a tool takes none. */
export function parseArguments(written: string): unknown {
  if (written === '' || written === 'null') return {}
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}
