/** How the model is to answer. */
import type { ChatRequest, Reasoning } from '@sluice/core'
import type { RequestFeature } from '../request-features.ts'
import { dispensable, feature } from './build.ts'
import type { Marks } from '../marks.ts'

const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

const thinking = (name: string, reasoning: Reasoning, marks: Marks = []): RequestFeature =>
  feature(name, { reasoning, maxTokens: 8000 }, marks, { maxTokens: 8000 })
const setting = (name: string, said: Partial<ChatRequest>, marks: Marks = [], base = {}): RequestFeature =>
  feature(name, said, marks, base)
const formatted = (more: { name?: string; strict?: boolean; description?: string } = {}): Partial<ChatRequest> => ({
  responseFormat: { type: 'json-schema', schema, name: 'place', ...more },
})

export const settings: readonly RequestFeature[] = [
  thinking('reasoning: effort `low`', { effort: 'low' }),
  thinking('reasoning: effort `high`', { effort: 'high' }),
  thinking('reasoning: effort `none`', { effort: 'none' }),
  thinking('reasoning: budget of 4000 tokens', { budgetTokens: 4000 }),
  dispensable(thinking('reasoning: the model decides', { adaptive: true })),
  // Where thoughts are shown, they are shown anyway.
  dispensable(
    feature('reasoning: summary', { reasoning: { effort: 'low', summary: 'auto' }, maxTokens: 8000 }, [], {
      reasoning: { effort: 'low' },
      maxTokens: 8000,
    }),
  ),
  setting('answer in JSON', { responseFormat: { type: 'json' } }),
  setting('answer by a schema', formatted(), ['city']),
  dispensable(setting('name of the schema', formatted(), ['place'], formatted({ name: 'spot' }))),
  // Where it cannot be said, every schema is.
  dispensable(setting('strict schema', formatted({ strict: true }), [], formatted({ strict: false }))),
  setting('description of the schema', formatted({ description: 'A place.' }), ['A place.'], formatted()),
  setting('limit of output tokens', { maxTokens: 77 }, [77], { maxTokens: 1000 }),
  setting('stop sequences', { stop: ['END'] }, ['END']),
  setting('temperature', { temperature: 0.5 }, [0.5]),
  setting('top p', { topP: 0.9 }, [0.9]),
  setting('top k', { topK: 40 }, [40]),
  setting('frequency penalty', { frequencyPenalty: 0.3 }, [0.3]),
  setting('presence penalty', { presencePenalty: 0.3 }, [0.3]),
  setting('seed', { seed: 1234 }, [1234]),
  setting('several answers', { n: 2 }, [2]),
  setting('log probabilities', { logprobs: true }),
  setting('the most likely tokens', { logprobs: true, topLogprobs: 3 }, [3], { logprobs: true }),
  setting("the end user's id", { user: 'user-1' }, ['user-1']),
  setting('metadata', { metadata: { project: 'apollo' } }, ['apollo']),
  setting('service tier `flex`', { serviceTier: 'flex' }),
  setting('service tier `priority`', { serviceTier: 'priority' }),
  dispensable(setting('usage at the end of a stream', { stream: true, includeUsage: true }, [], { stream: true })),
]
