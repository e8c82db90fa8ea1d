import { GatewayError } from '@sluice/core'
import type { StreamPart, StreamStage } from '@sluice/core'

/** As where nobody reports usage. */
const CHARACTERS_PER_TOKEN = 4

/**
 * Lets a stream pass as long as it does not trickle; then it ends with `upstream_timeout`. One that falls silent is the
 * idle time limit's.
 * @param span milliseconds over which the speed is taken, again and again
 */
export function slowStreamGuard(
  { tokensPerSecond, span }: { tokensPerSecond: number; span: number },
  now: () => number = () => performance.now(),
): StreamStage {
  const least = (tokensPerSecond * CHARACTERS_PER_TOKEN) / 1000
  let beganAt = 0
  let characters = 0
  return {
    push(part) {
      const at = now()
      // Time to think before the first word is the first byte's business.
      if (beganAt === 0) beganAt = at
      characters += lengthOf(part)
      const passed = at - beganAt
      if (passed < span) return [part]
      if (characters < least * passed && part.type !== 'finish' && part.type !== 'usage') {
        const speed = Math.round((characters / CHARACTERS_PER_TOKEN / passed) * 1000)
        throw new GatewayError('upstream_timeout', `The upstream sends only ${speed} tokens a second.`)
      }
      beganAt = at
      characters = 0
      return [part]
    },
  }
}

function lengthOf(part: StreamPart): number {
  if ('text' in part) return part.text.length
  return part.type === 'tool-call-delta' ? part.arguments.length : 0
}
