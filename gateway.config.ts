/**
 * The gateway as it comes: set a provider's key in the environment and its models are served, e.g.
 *
 *   OPENAI_API_KEY=… npm start
 *
 * The first start makes an admin key and a client key, and shows both. Clients then name a model
 * `openai/gpt-5.1`, `groq/llama-3.3-70b-versatile`, … or by an alias of yours below.
 */
import { rbac } from '@sluice/access-rbac'
import { adminApi } from '@sluice/admin-api'
import { apiKeys } from '@sluice/auth-keys'
import { defineConfig, env } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { budgets } from '@sluice/limit-budget'
import { rateLimit } from '@sluice/limit-rate'
import { accessLog } from '@sluice/log-access'
import { auditLog } from '@sluice/log-audit'
import { anthropic } from '@sluice/provider-anthropic'
import { bedrock } from '@sluice/provider-bedrock'
import { cohere } from '@sluice/provider-cohere'
import { vendorsIn } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { balance } from '@sluice/route-balance'
import { explain } from '@sluice/route-explain'
import { resilience } from '@sluice/route-resilience'
import { rollouts } from '@sluice/route-rollout'
import { rules } from '@sluice/route-rules'
import { responseStore } from '@sluice/store-responses'
import { sqliteStore } from '@sluice/store-sqlite'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'

const has = (name: string): boolean => Boolean(process.env[name])

export default defineConfig({
  models: {
    // Answers by itself. It costs nothing; what it says it costs is for trying out budgets.
    echo: { targets: [{ target: 'echo/echo', about: { inputPrice: 1, outputPrice: 2 } }] },
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

    // Where everything is kept: one file, `.sluice/sluice.db`.
    sqliteStore(),

    // Who may ask what: keys, roles, teams. Without SLUICE_ADMIN_KEY the first start makes a key and shows it.
    apiKeys({ adminKey: env('SLUICE_ADMIN_KEY', '') }),
    rbac(),

    // How fast, and for how much: limits and budgets of keys, users, teams and organisations.
    rateLimit(),
    budgets(),

    // What it costs, who used it, and who changed what.
    prices(),
    ledger(),
    auditLog(),
    adminApi(),

    // Which target answers, what happens when it fails, and how traffic moves from one to another.
    rules(),
    rollouts(),
    balance(),
    resilience(),
    explain(),

    // What clients of the Responses API may refer to.
    responseStore(),

    // One line in the log for each request.
    accessLog(),
  ],
})
