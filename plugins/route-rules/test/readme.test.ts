import { join } from 'node:path'
import { createTestGateway } from '@sluice/core/testing'
import { testExamples } from '@sluice/route-kit/testing'
import { test } from 'vitest'

testExamples({
  test,
  boot: createTestGateway,
  folder: join(import.meta.dirname, '..'),
  plugin: 'route-rules',
  titles: ['Rules', 'Aliases', 'Versions'],
})
