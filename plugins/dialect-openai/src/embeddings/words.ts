/** What vectors are for and what happens to long inputs: fields that OpenAI does not have and many vendors of its API do. */

/** `input_type`: what vendors call the purposes, for the two that have several names. */
const PURPOSES: ReadonlyMap<string, string> = new Map([
  ['search_query', 'query'],
  ['search_document', 'document'],
  ['passage', 'document'],
])

export function purposeOf(word: string): string {
  return PURPOSES.get(word) ?? word
}

/** `truncate`: `END`, `right`, … */
const ENDS: ReadonlyMap<string, string> = new Map([
  ['left', 'start'],
  ['right', 'end'],
])

export function endOf(word: string): string {
  const end = word.toLowerCase()
  return ENDS.get(end) ?? end
}
