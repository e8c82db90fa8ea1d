/** The model's tokens are words. */
import type { Message, Part } from '@sluice/core'

/** Cuts `text` before the white space that follows a word; joined again, the pieces are the text. */
export function words(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\S)(?=\s)/)
}

/** All words of the messages; an image, audio clip, video or file counts as one. */
export function inputTokens(messages: readonly Message[]): number {
  return messages.reduce((sum, { parts }) => sum + tokensOf(parts), 0)
}

function tokensOf(parts: readonly Part[]): number {
  let sum = 0
  for (const part of parts) {
    if ('text' in part) sum += words(part.text).length
    else if (part.type === 'tool-call') sum += words(part.arguments).length
    else if (part.type === 'tool-result') sum += tokensOf(part.content)
    else if (part.type !== 'raw') sum += 1
  }
  return sum
}
