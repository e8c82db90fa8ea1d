import type { Usage } from '@sluice/core'

/** Tokens by kind. None is in two kinds: together they are all of the input and all of the output. */
export interface TokenKinds {
  /** Text that no cache had, and what nobody told apart from it. */
  input: number
  cacheRead: number
  cacheWrite: number
  /** Of input that no cache had. */
  audio: number
  image: number
  /** Without the next three. */
  output: number
  reasoning: number
  outputAudio: number
  outputImage: number
  /** Whether the usage contradicted itself: a part was larger than its whole, and is then cut down to it. */
  clamped: boolean
}

/** Splits a usage into disjoint kinds. Sound and images that do not fit beside the cached tokens were among those. */
export function tokenKinds({ input, output }: Usage): TokenKinds {
  const asked = count(input.total)
  const cacheRead = Math.min(count(input.cacheRead), asked)
  const cacheWrite = Math.min(count(input.cacheWrite), asked - cacheRead)
  const audio = Math.min(count(input.audio), asked - cacheRead - cacheWrite)
  const image = Math.min(count(input.image), asked - cacheRead - cacheWrite - audio)
  const answered = count(output.total)
  const reasoning = Math.min(count(output.reasoning), answered)
  const outputAudio = Math.min(count(output.audio), answered - reasoning)
  const outputImage = Math.min(count(output.image), answered - reasoning - outputAudio)
  return {
    input: asked - cacheRead - cacheWrite - audio - image,
    cacheRead,
    cacheWrite,
    audio,
    image,
    output: answered - reasoning - outputAudio - outputImage,
    reasoning,
    outputAudio,
    outputImage,
    clamped:
      asked !== input.total ||
      answered !== output.total ||
      cacheRead !== (input.cacheRead ?? 0) ||
      cacheWrite !== (input.cacheWrite ?? 0) ||
      reasoning !== (output.reasoning ?? 0) ||
      outputAudio !== (output.audio ?? 0) ||
      outputImage !== (output.image ?? 0) ||
      (input.audio ?? 0) + (input.image ?? 0) > asked,
  }
}

/** A whole number of tokens, whatever a plugin or a provider called one. */
function count(tokens: number | undefined): number {
  return tokens !== undefined && tokens > 0 ? Math.min(Math.floor(tokens), MOST) : 0
}

/** Beyond this no sum is exact, and no model has a context of this size. */
const MOST = 1e9
