/** The suite that every dialect must pass. Works with any runner that has `test(name, run)`. */
import assert from 'node:assert/strict'
import type { Dialect } from '../dialect.ts'
import { testRequests, testResponses } from './dialect-bodies.ts'
import { testBytes } from './dialect-bytes.ts'
import { testErrors } from './dialect-errors.ts'
import { testGarbage } from './dialect-garbage.ts'
import { testStreams } from './dialect-streams.ts'
import type { TestFunction } from './dialect-subject.ts'
import type { RecordedCase } from './recorded.ts'
import type { SAMPLE_REQUESTS } from './samples.ts'

export interface TestDialectOptions {
  test: TestFunction
  dialect: Dialect
  /** Real traffic of this dialect's chat API; see `recordedCases`. May be empty. */
  cases: readonly RecordedCase[]
  /** The sample requests that the dialect has no form for, and so must refuse. Default: none. */
  refuses?: readonly (keyof typeof SAMPLE_REQUESTS)[]
}

/**
 * Registers the tests: a round trip through the dialect loses nothing; a stream means the same wherever
 * the network cut it, and is whole only with its finish; what passes untranslated passes unchanged; the
 * canonical samples are carried; errors are readable; and nothing a network can deliver raises anything but a GatewayError.
 */
export function testDialect({ test, dialect, cases, refuses = [] }: TestDialectOptions): void {
  const codec = dialect.codecs.chat
  assert.ok(codec, `the dialect ${dialect.name} has no chat codec to test`)
  const subject = { test, dialect, codec, cases, refuses }
  testRequests(subject)
  testResponses(subject)
  testStreams(subject)
  testBytes(subject)
  testGarbage(subject)
  testErrors(subject)
}
