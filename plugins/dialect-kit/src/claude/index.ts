/** What dialects that carry Claude have in common: which parameters its models take, and in which form. */
export { claudeAbilities } from './models.ts'
export type { ClaudeAbilities } from './models.ts'
export { fitClaudeSampling } from './fit-sampling.ts'
export { claudeSummaryOf, claudeThinking } from './thinking.ts'
export { fitClaudeThinking } from './fit-thinking.ts'
export { ownClaudeRequest } from './own-request.ts'
