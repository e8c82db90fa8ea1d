/** What a dialect must do with bytes that pass through untranslated. Part of `testDialect`. */
import assert from 'node:assert/strict'
import type { Codec } from '../dialect.ts'
import type { StreamPart } from '../model.ts'
import { byteByByte, framesOf, PLACE, read, survives } from './dialect-subject.ts'
import type { DialectSubject, Read } from './dialect-subject.ts'
import { parseObject } from './json.ts'

/** A name that needs escaping, longer than most. */
const OTHER_MODEL = 'other/modèle "x"\\:1'
const NOTHING = Buffer.alloc(0)

type Subject = Pick<DialectSubject, 'test' | 'codec'>

export function testBytes({ test, codec, cases }: DialectSubject): void {
  for (const { name, requestBytes } of cases) {
    if (requestBytes === undefined) continue
    const request = parseObject(requestBytes.toString())
    const { model } = request
    // Some hosts name the model in the path instead.
    if (typeof model !== 'string') continue

    test(`${name}: another model name changes nothing else in the request`, () => {
      const changed = codec.withModel(requestBytes, OTHER_MODEL)
      assert.deepEqual(JSON.parse(changed.toString()), { ...request, model: OTHER_MODEL })
      assert.ok(codec.withModel(changed, model).equals(codec.withModel(requestBytes, model)))
    })

    test(`${name}: a request that names two models is refused`, () => {
      const twice = Buffer.from(`{"model":"first",${requestBytes.toString().trim().slice(1)}`)
      assert.equal(survives('inspect', () => codec.inspect(request, twice, PLACE))?.code, 'invalid_request')
    })
  }

  for (const { name, stream, status, meta } of cases) {
    if (stream === undefined || status >= 400) continue
    testCutter({ test, codec }, name, stream)
    if (meta.group === 'error') continue
    testProber({ test, codec }, name, stream)
    testSkimmer({ test, codec }, name, stream)
  }
}

function testCutter({ test, codec }: Subject, name: string, stream: Buffer): void {
  test(`${name}: the stream goes out as it is, in whole frames, wherever it was cut`, () => {
    const ends = new Set<number>()
    for (let cut = 1; cut <= stream.length; cut++) {
      const cutter = codec.stream.cutter()
      const first = cutter.push(stream.subarray(0, cut)) ?? NOTHING
      const second = cutter.push(stream.subarray(cut)) ?? NOTHING
      assert.ok(Buffer.concat([first, second, cutter.end() ?? NOTHING]).equals(stream), `cut at byte ${cut}`)
      ends.add(first.length)
    }
    assert.ok(ends.size > 1, 'nothing went out before the end')
    if (codec.stream.heartbeat === undefined) return
    // Inside a frame, a heartbeat would break it.
    const expected = outcome(codec, stream)
    const heartbeat = Buffer.from(codec.stream.heartbeat)
    for (const end of ends) {
      const found = outcome(codec, stream.subarray(0, end), heartbeat, stream.subarray(end))
      assert.deepEqual(found, expected, `a frame was cut at byte ${end}`)
    }
  })
}

function testProber({ test, codec }: Subject, name: string, stream: Buffer): void {
  test(`${name}: the first bytes of the stream are found good, wherever they were cut`, () => {
    for (const pieces of [[stream], framesOf(codec, stream), byteByByte(stream)]) {
      const probe = codec.stream.prober()
      const verdict = pieces.map((piece) => probe(piece)).find((each) => each !== 'more')
      assert.equal(verdict, 'ok')
    }
  })
}

function testSkimmer({ test, codec }: Subject, name: string, stream: Buffer): void {
  test(`${name}: skimming the stream finds its usage, whether it finished, and its end`, () => {
    const frames = framesOf(codec, stream)
    const expected = read(codec, stream)
    for (const chunks of [[stream], frames]) {
      const found = skim(codec, chunks)
      assert.equal(found.whole, expected.whole)
      assert.deepEqual(lastOf(found, 'usage'), lastOf(expected, 'usage'))
      assert.equal(lastOf(found, 'finish')?.type, lastOf(expected, 'finish')?.type)
    }
    for (let kept = 0; kept < frames.length; kept++) {
      const cut = frames.slice(0, kept)
      if (read(codec, ...cut).whole) break
      let whole = false
      survives(name, () => (whole = skim(codec, cut).whole))
      assert.equal(whole, false, `cut after ${kept} of ${frames.length} frames`)
    }
  })
}

function skim(codec: Codec, chunks: readonly Buffer[]): Read {
  const skimmer = codec.stream.skimmer()
  const parts: StreamPart[] = []
  for (const chunk of chunks) skimmer.push(chunk, parts)
  const whole = skimmer.end(parts)
  assert.ok(skimmer.share > 0 && skimmer.share <= 1)
  return { parts, whole }
}

function lastOf({ parts }: Read, type: StreamPart['type']): StreamPart | undefined {
  return parts.findLast((part) => part.type === type)
}

/** What reading gives, be it an error. */
function outcome(codec: Codec, ...pieces: readonly Buffer[]): unknown {
  let result: Read | undefined
  const refusal = survives('read', () => (result = read(codec, ...pieces)))
  return refusal ? refusal.message : result
}
