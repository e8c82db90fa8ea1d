import { expect, test } from 'vitest'
import { basicPermissions, invalidCredential, isAllPowerful } from '../src/index.ts'

test.each([
  [['admin'], ['*']],
  [['client', 'admin'], ['*']],
  [['client'], []],
  [['Admin', 'administrator'], []],
  [[], []],
])('the roles %j permit %j', (roles, permissions) => {
  expect(basicPermissions(roles)).toEqual(permissions)
})

test.each([
  [undefined, false],
  [[], false],
  [['keys:write', 'keys:*'], false],
  [['keys:write', '*'], true],
])('with the permissions %j a principal is all-powerful: %s', (permissions, expected) => {
  expect(isAllPowerful({ id: 'a', ...(permissions && { permissions }) })).toBe(expected)
})

test('what is said of a bad credential is always the same', () => {
  expect(invalidCredential()).toEqual(invalidCredential())
  expect(invalidCredential()).toMatchObject({ code: 'invalid_api_key', status: 401, retryable: false })
})
