/** A replica: what it must share with the others is in PostgreSQL and Redis. */
import { rbac } from '@sluice/access-rbac'
import { adminApi } from '@sluice/admin-api'
import { apiKeys } from '@sluice/auth-keys'
import { defineConfig, env } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { budgets } from '@sluice/limit-budget'
import { rateLimit } from '@sluice/limit-rate'
import { accessLog } from '@sluice/log-access'
import { auditLog } from '@sluice/log-audit'
import { anthropic } from '@sluice/provider-anthropic'
import { echo } from '@sluice/provider-echo'
import { openai } from '@sluice/provider-openai'
import { postgresStore } from '@sluice/store-postgres'
import { redisStore } from '@sluice/store-redis'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'

const has = (name: string): boolean => Boolean(process.env[name])

export default defineConfig({
  server: { workers: 'auto' },
  models: { echo: 'echo/echo' },
  // Both have counters: Redis is the quicker one.
  capabilities: { Counters: 'store-redis' },
  plugins: [
    openaiDialect(),
    anthropicDialect(),
    echo(),
    has('OPENAI_API_KEY') && openai({ apiKey: env('OPENAI_API_KEY') }),
    has('ANTHROPIC_API_KEY') && anthropic({ apiKey: env('ANTHROPIC_API_KEY') }),
    postgresStore({ url: env('DATABASE_URL') }),
    redisStore({ url: env('REDIS_URL') }),
    apiKeys({ adminKey: env('SLUICE_ADMIN_KEY'), pepper: env('SLUICE_PEPPER') }),
    rbac(),
    rateLimit(),
    budgets(),
    prices(),
    ledger(),
    auditLog(),
    adminApi(),
    accessLog(),
  ],
})
