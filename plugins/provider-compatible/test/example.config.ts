import { defineConfig, env } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'

export default defineConfig({
  models: { fast: 'groq/llama-3.3-70b-versatile', local: 'ollama/gemma3', house: 'rack-7/qwen3-32b' },
  plugins: [
    openaiDialect(),
    compatible({ vendor: 'groq', apiKey: env('GROQ_API_KEY') }),
    compatible({ vendor: 'ollama' }),
    compatible({ vendor: 'vllm', baseUrl: 'http://10.0.0.7:8000/v1' }, { id: 'rack-7' }),
  ],
})
