import { recordedCases, testDialect } from '@sluice/core/testing'
import { test } from 'vitest'
import { openaiChat } from '../src/index.ts'

testDialect({ test, dialect: openaiChat, cases: recordedCases({ endpoints: ['chat.completions'] }) })
