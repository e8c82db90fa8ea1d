/**
 * The gateway as it comes: set a provider's key in the environment and its models are served, e.g.
 *
 *   OPENAI_API_KEY=… npm start
 *
 * Clients then name a model `openai/gpt-5.1`, `groq/llama-3.3-70b-versatile`, … or by an alias of yours below.
 */
import { defineConfig, env } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { accessLog } from '@sluice/log-access'
import { anthropic } from '@sluice/provider-anthropic'
import { bedrock } from '@sluice/provider-bedrock'
import { cohere } from '@sluice/provider-cohere'
import { vendorsIn } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { memoryStore } from '@sluice/store-memory'
import { responseStore } from '@sluice/store-responses'

const has = (name: string): boolean => Boolean(process.env[name])

export default defineConfig({
  models: {
    echo: 'echo/echo',
    // fast: 'groq/llama-3.3-70b-versatile',
    // assistant: { targets: ['anthropic/claude-sonnet-4-5', 'openai/gpt-5.1'] },
  },
  plugins: [
    // What clients speak. Any of them may use any model.
    openaiDialect(),
    anthropicDialect(),
    geminiDialect(),
    cohereDialect(),
    bedrockDialect(),

    // Who answers.
    echo(),
    has('OPENAI_API_KEY') && openai({ apiKey: env('OPENAI_API_KEY') }),
    has('ANTHROPIC_API_KEY') && anthropic({ apiKey: env('ANTHROPIC_API_KEY') }),
    has('GEMINI_API_KEY') && gemini({ apiKey: env('GEMINI_API_KEY') }),
    has('COHERE_API_KEY') && cohere({ apiKey: env('COHERE_API_KEY') }),
    has('AWS_REGION') && has('AWS_ACCESS_KEY_ID') && bedrock({ region: env('AWS_REGION') }),
    // Groq, Mistral, DeepSeek, xAI, OpenRouter, Together and more, each if its key is there.
    vendorsIn(process.env),
    // A server of your own, here Ollama: compatible({ vendor: 'ollama' }),

    // What clients of the Responses API may refer to: earlier answers, here in memory.
    memoryStore(),
    responseStore(),

    // One line in the log for each request.
    accessLog(),
  ],
})
