import { testPlugin } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { test } from 'vitest'
import { auditLog } from '../src/index.ts'

testPlugin({ test, plugin: auditLog({ refusals: 5 }), supporting: [memoryStore()] })
