import { join } from 'node:path'
import { createTestGateway } from '@sluice/core/testing'
import { testExamples } from '@sluice/route-kit/testing'
import { test } from 'vitest'

testExamples({
  test,
  boot: createTestGateway,
  folder: join(import.meta.dirname, '..'),
  plugin: 'route-resilience',
  titles: ['Retries', 'Fallbacks', 'Circuit breakers', 'Time limits and hedged calls', 'Load shedding'],
})
