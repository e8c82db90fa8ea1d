/** `taskType` in both directions (https://ai.google.dev/gemini-api/docs/embeddings#task-types). */

const TASKS: ReadonlyMap<string, string> = new Map([
  ['query', 'RETRIEVAL_QUERY'],
  ['document', 'RETRIEVAL_DOCUMENT'],
  ['classification', 'CLASSIFICATION'],
  ['clustering', 'CLUSTERING'],
])
const PURPOSES: ReadonlyMap<string, string> = new Map([...TASKS].map(([purpose, task]) => [task, purpose]))
/** Tasks that only Gemini knows. */
const OWN = new Set(['SEMANTIC_SIMILARITY', 'QUESTION_ANSWERING', 'FACT_VERIFICATION', 'CODE_RETRIEVAL_QUERY'])

/** A task without a canonical word keeps its own. */
export function purposeOf(task: string): string {
  return PURPOSES.get(task) ?? task
}

export function taskOf(purpose: string): string {
  return TASKS.get(purpose) ?? purpose
}

export function isPurpose(purpose: string): boolean {
  return TASKS.has(purpose) || OWN.has(purpose)
}
