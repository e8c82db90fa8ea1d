import { testPlugin } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { memoryStore } from '@sluice/store-memory'
import { test } from 'vitest'
import { responseStore } from '../src/index.ts'

testPlugin({ test, plugin: responseStore(), supporting: [openaiDialect(), memoryStore()] })
