import { recordedCases, testDialect } from '@sluice/core/testing'
import { test } from 'vitest'
import { openaiResponses } from '../src/index.ts'

testDialect({ test, dialect: openaiResponses, cases: recordedCases({ endpoints: ['responses'] }) })
