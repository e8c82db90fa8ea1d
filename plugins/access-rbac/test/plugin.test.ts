import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { rbac } from '../src/index.ts'

testPlugin({ test, plugin: rbac(), supporting: [memoryStore()] })

test.each([
  { roles: { admin: {} } },
  { roles: { client: { models: ['x'] } } },
  { roles: { auditor: { permissions: ['keys'] } } },
  { roles: { auditor: { permission: ['keys:read'] } } },
])('it boots with no role that is wrong: %j', async (options) => {
  await expect(createTestGateway({ plugins: [rbac(options as never)] })).rejects.toThrow(
    /roles.*(admin|client|auditor)/,
  )
})
