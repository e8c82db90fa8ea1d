import { defineConfig } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { chains } from '@sluice/route-chain'

export default defineConfig({
  models: { fast: 'echo/echo', strong: 'echo/echo' },
  plugins: [
    openaiDialect(),
    anthropicDialect(),
    echo(),
    chains({
      chains: {
        support: {
          steps: {
            sentiment: {
              model: 'fast',
              prompt: 'What is the mood of this message?\n\n{{input}}',
              schema: {
                type: 'object',
                properties: { label: { enum: ['neutral', 'angry', 'happy'] } },
                required: ['label'],
              },
              onError: { text: '{"label":"neutral"}' },
            },
            topic: {
              model: 'fast',
              prompt: 'The client is {{steps.sentiment.json.label}}. What is this message about?\n\n{{input}}',
              schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
              retries: 1,
            },
            answer: {
              model: 'strong',
              system:
                'You answer questions about {{steps.topic.json.name}}. The client is {{steps.sentiment.json.label}}.',
              prompt: 'Mood: {{steps.sentiment.json.label}}. Topic: {{steps.topic.json.name}}. Question: {{input}}',
            },
          },
          output: 'answer',
        },
      },
    }),
  ],
})
