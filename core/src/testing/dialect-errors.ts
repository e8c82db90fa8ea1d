/** What a dialect must do with errors. Part of `testDialect`. */
import assert from 'node:assert/strict'
import { ERRORS, GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { read, survives } from './dialect-subject.ts'
import type { DialectSubject } from './dialect-subject.ts'
import { plain } from './json.ts'
import { mutations } from './mutations.ts'

/** With these a provider refuses the gateway, not its client. */
const OWN_TROUBLE = [401, 402, 403]
const CODES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].status > 0)
const MESSAGE = 'Something "quoted"\nwent wrong: ü.'
const REQUEST_ID = 'exchange-1'

export function testErrors({ test, dialect, codec, cases }: DialectSubject): void {
  for (const code of CODES) {
    test(`${code} is written as JSON that says what was wrong, and is read back`, () => {
      const error = new GatewayError(code, MESSAGE)
      const body = plain(dialect.encodeError(error, REQUEST_ID))
      assert.ok(JSON.stringify(body).includes(JSON.stringify(MESSAGE)))
      const read = dialect.decodeError(error.status, {}, body)
      assert.ok(GatewayError.is(read))
      assert.equal(read.upstream?.status, error.status)
      if (!OWN_TROUBLE.includes(error.status)) assert.ok(read.message.includes(MESSAGE))
    })

    test(`${code} ends a stream with a frame that says what was wrong, and is read as an error`, () => {
      const bytes = Buffer.from(dialect.encodeStreamError(new GatewayError(code, MESSAGE), REQUEST_ID) as string)
      assert.ok(bytes.includes(JSON.stringify(MESSAGE)))
      let failed = false
      const thrown = survives(code, () => {
        failed = read(codec, bytes).parts.some((part) => part.type === 'error')
      })
      assert.ok(failed || thrown)
    })
  }

  for (const { name, status, headers, response } of cases) {
    if (status < 400 || response === undefined) continue
    test(`${name}: the refusal keeps the provider's status and wait, whatever its body`, () => {
      for (const { value } of [{ value: response }, ...mutations(response)]) {
        const error = dialect.decodeError(status, headers, value)
        assert.ok(GatewayError.is(error))
        assert.equal(error.upstream?.status, status)
        if (/^\d+$/.test(headers['retry-after'] ?? '')) assert.equal(error.retryAfter, Number(headers['retry-after']))
        plain(dialect.encodeError(error, REQUEST_ID))
        assert.notEqual(dialect.encodeStreamError(error, REQUEST_ID), '')
      }
    })
  }

  test("a refused credential is the gateway's trouble, and the provider's words about it stay here", () => {
    const words = new GatewayError('invalid_api_key', 'Incorrect API key: sk-0123')
    const error = dialect.decodeError(401, {}, plain(dialect.encodeError(words, REQUEST_ID)))
    assert.equal(error.status, 502)
    assert.ok(!JSON.stringify(dialect.encodeError(error, REQUEST_ID)).includes('sk-0123'))
    assert.ok(!dialect.encodeStreamError(error, REQUEST_ID).includes('sk-0123'))
  })

  test('a refusal whose body is of no dialect is still an error', () => {
    for (const body of [
      undefined,
      null,
      '',
      '<html>502</html>',
      'x'.repeat(100_000),
      1,
      true,
      [],
      [null],
      {},
      { error: null },
    ]) {
      for (const status of [400, 401, 403, 404, 413, 429, 500, 502, 503, 529]) {
        const error = dialect.decodeError(status, { 'retry-after': '3' }, body)
        assert.ok(GatewayError.is(error))
        assert.notEqual(error.message, '')
        assert.equal(error.upstream?.status, status)
        assert.equal(error.retryAfter, 3)
      }
    }
  })
}
