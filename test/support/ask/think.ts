/** Makes a request one that asks for thoughts, and for their proofs where a dialect has to be asked. */
import type { ByDialect } from '../dialect-names.ts'
import { object } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Asked } from './asker.ts'

const BUDGET = { type: 'enabled', budget_tokens: 1024 }

const SETTINGS: ByDialect<Json> = {
  'openai-chat': { reasoning_effort: 'low' },
  'openai-responses': { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] },
  anthropic: { thinking: BUDGET },
  gemini: { generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } } },
  cohere: { thinking: { type: 'enabled', token_budget: 1024 } },
  bedrock: { additionalModelRequestFields: { thinking: BUDGET } },
}

export function thinking(client: keyof typeof SETTINGS, asked: Asked): Asked {
  const { generationConfig: config, ...settings } = SETTINGS[client]
  const generationConfig =
    config === undefined ? {} : { generationConfig: { ...object(asked.body.generationConfig), ...object(config) } }
  return { ...asked, body: { ...asked.body, ...settings, ...generationConfig } }
}

/** Whether a request asks for thoughts, and where they have to be asked for, for the proofs that must come back. */
export const asksForThoughts: ByDialect<(body: Json) => boolean> = {
  'openai-chat': (body) => body.reasoning_effort !== undefined || body.reasoning !== undefined,
  'openai-responses': ({ reasoning, include, store }) =>
    object(reasoning)?.effort !== undefined &&
    (store === true || [include].flat().includes('reasoning.encrypted_content')),
  anthropic: (body) => ['enabled', 'adaptive'].includes(String(object(body.thinking)?.type)),
  gemini({ generationConfig }) {
    const { thinkingLevel, thinkingBudget } = object(object(generationConfig)?.thinkingConfig) ?? {}
    return (thinkingLevel ?? thinkingBudget) !== undefined
  },
  cohere: (body) => object(body.thinking)?.type === 'enabled',
  bedrock: ({ additionalModelRequestFields: fields }) => object(object(fields)?.thinking)?.type === 'enabled',
}
