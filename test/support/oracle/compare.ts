/** Brings what was heard and what was to be heard to a form in which equal means equal. */
import type { Answer, Choice } from './answer.ts'

/**
 * `answer` without what the gateway fills in where `expected` has nothing, with sources in alphabetical order, and
 * without proofs of thoughts: these travel wrapped, and what counts is that they find their way back.
 */
export function comparable(answer: Answer, expected: Answer): Answer {
  return {
    ...answer,
    id: expected.id && answer.id,
    model: expected.model && answer.model,
    choices: answer.choices.map((choice, index) => comparableChoice(choice, expected.choices[index])),
  }
}

function comparableChoice(choice: Choice, expected: Choice | undefined): Choice {
  const calls = choice.calls.map((call, index) => ({ ...call, id: expected?.calls[index]?.id ? call.id : '' }))
  return { ...choice, calls, sources: [...new Set(choice.sources)].sort(), signatures: [], encrypted: [] }
}
