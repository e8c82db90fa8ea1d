/** What a dialect must do with whole requests and responses. Part of `testDialect`. */
import assert from 'node:assert/strict'
import type { GatewayError } from '../errors.ts'
import { encodeForItself, PLACE, replyContext, survives } from './dialect-subject.ts'
import type { DialectSubject } from './dialect-subject.ts'
import { gistOfRequest, gistOfResponse } from './gist.ts'
import { plain } from './json.ts'
import { mutations } from './mutations.ts'
import { SAMPLE_REQUESTS, SAMPLE_RESPONSES } from './samples.ts'

export function testRequests({ test, codec, cases, refuses }: DialectSubject): void {
  for (const { name, request, status } of cases) {
    if (request === undefined) continue
    if (status < 400) {
      test(`${name}: the request decodes and encodes to what it was`, () => {
        const drop = (param: string, why: string): void => assert.fail(`its own parameter ${param} was dropped: ${why}`)
        assert.deepEqual(encodeForItself(codec, request, drop), request)
      })
    }
    test(`${name}: a broken request is refused as the client's mistake or taken`, () => {
      for (const { at, value } of mutations(request)) {
        const refusal = survives(at, () => encodeForItself(codec, value, () => {}))
        assert.ok(refusal === undefined || isClientFault(refusal), `${at}: ${refusal?.code}`)
      }
    })
  }

  for (const [name, sample] of Object.entries(SAMPLE_REQUESTS)) {
    if (refuses.includes(name)) {
      test(`the sample request "${name}" is refused by naming the field`, () => {
        const encode = (): unknown => codec.encodeRequest(sample, { model: sample.model, drop: () => {} })
        const refusal = survives(name, encode)
        assert.ok(refusal && isClientFault(refusal) && refusal.param)
      })
      continue
    }
    test(`the sample request "${name}" is carried`, () => {
      const dropped: string[] = []
      const body = plain(codec.encodeRequest(sample, { model: sample.model, drop: (param) => dropped.push(param) }))
      const back = codec.decodeRequest(body)
      // What was reported as dropped may be missing.
      if (dropped.length === 0) assert.deepEqual(gistOfRequest(back), gistOfRequest(sample))
      codec.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)
    })
  }
}

export function testResponses({ test, codec, cases }: DialectSubject): void {
  for (const recorded of cases) {
    const { name, response, status } = recorded
    if (response === undefined || status >= 400) continue
    test(`${name}: the response decodes and encodes to what it was`, () => {
      const back = codec.encodeResponse(codec.decodeResponse(response), replyContext(codec, recorded))
      assert.deepEqual(plain(back), response)
    })
    test(`${name}: a broken response is an upstream's error or taken`, () => {
      const context = replyContext(codec, recorded)
      for (const { at, value } of mutations(response)) {
        const refusal = survives(at, () => codec.encodeResponse(codec.decodeResponse(value), context))
        assert.ok(refusal === undefined || refusal.code === 'upstream_error', `${at}: ${refusal?.code}`)
      }
    })
  }

  for (const [name, sample] of Object.entries(SAMPLE_RESPONSES)) {
    test(`the sample response "${name}" is carried`, () => {
      const body = plain(
        codec.encodeResponse(sample, { id: 'exchange-1', model: sample.model!, request: SAMPLE_REQUESTS.text }),
      )
      assert.deepEqual(gistOfResponse(codec.decodeResponse(body)), gistOfResponse(sample))
    })
  }
}

function isClientFault({ code, status }: GatewayError): boolean {
  return code === 'invalid_request' && status >= 400 && status < 500
}
