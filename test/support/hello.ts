import type { Question } from './oracle/question.ts'

/** The least that can be asked. */
export const hello: Question = {
  system: '',
  turns: [{ by: 'user', text: 'Hello' }],
  tools: [],
  toolChoice: '',
  parallel: undefined,
  schema: undefined,
  limit: 1000,
  temperature: undefined,
  stop: [],
  stream: false,
}
