import { expect, test } from 'vitest'
import { createLogger } from '../src/logger.ts'
import { TestLog } from '../src/testing/test-log.ts'

test.each([
  [
    'an error',
    Object.assign(new TypeError('wrong'), { code: 'E', request: 'its body' }),
    { message: 'wrong', code: 'E' },
  ],
  ['a text', 'wrong', { message: 'a non-error was thrown: wrong' }],
  ['nothing', null, { message: 'a non-error was thrown: null' }],
])('%s that was thrown is told, and nothing that hangs on it', (_, err, told) => {
  const destination = new TestLog()
  createLogger('info', new Set(), destination).error({ err }, 'it failed')
  expect(destination.text()).not.toContain('its body')
  expect(JSON.parse(destination.text())).toMatchObject({ msg: 'it failed', err: told })
})
