import type { Json } from '../oracle/json.ts'
import type { Turn } from '../oracle/question.ts'

/** Turns as messages whose roles alternate: what the user says and what tools answer share one. */
export function grouped(
  turns: readonly Turn[],
  assistant: 'assistant' | 'model',
  partOf: (turn: Turn) => Json,
): { role: string; parts: Json[] }[] {
  const messages: { role: string; parts: Json[] }[] = []
  for (const turn of turns) {
    const role = turn.by === 'assistant' ? assistant : 'user'
    if (messages.at(-1)?.role !== role) messages.push({ role, parts: [] })
    messages.at(-1)!.parts.push(partOf(turn))
  }
  return messages
}
