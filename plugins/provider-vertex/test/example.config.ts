import { defineConfig } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { geminiDialect } from '@sluice/dialect-gemini'
import { vertex } from '@sluice/provider-vertex'

const account = { project: 'my-project', location: 'us-east5' }

export default defineConfig({
  models: { fast: 'vertex/gemini-2.5-flash', assistant: 'vertex-claude/claude-sonnet-4-5@20250929' },
  plugins: [
    geminiDialect(),
    anthropicDialect(),
    vertex(account),
    vertex({ ...account, publisher: 'anthropic' }, { id: 'vertex-claude' }),
  ],
})
