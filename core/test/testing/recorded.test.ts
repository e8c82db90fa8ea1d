import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as call } from 'undici'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { mockUpstream, recordedCases, replayCase } from '../../src/testing/index.ts'
import { chunksOf } from './chunks.ts'

const cases = recordedCases()

afterEach(() => vi.unstubAllEnvs())

test('without fixtures there are no cases and one warning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'))
  vi.stubEnv('SLUICE_FIXTURES', folder)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(recordedCases()).toEqual([])
  expect(recordedCases()).toEqual([])
  // The warning may have been given already, by the line at the top of this file.
  expect(warn.mock.calls.length).toBe(cases.length > 0 ? 1 : 0)
  warn.mockRestore()
})

describe.skipIf(cases.length === 0)('recorded cases', () => {
  test('are all there', () => {
    expect(cases).toHaveLength(130)
    expect(new Set(cases.map(({ meta }) => meta.provider)).size).toBe(18)
    expect(cases.filter(({ stream }) => stream)).toHaveLength(56)
    expect(cases.filter(({ responseBytes }) => responseBytes)).toHaveLength(74)
    expect(cases.filter(({ request }) => request)).toHaveLength(128)
  })

  test('have exactly one kind of answer and a content type', () => {
    for (const { name, responseBytes, stream, headers } of cases) {
      expect([name, responseBytes === undefined]).toEqual([name, stream !== undefined])
      expect(headers['content-type']).toMatch(/^[a-z]+\/[a-z.+-]+/)
    }
  })

  test('can be chosen by provider, endpoint and fidelity', () => {
    const chosen = recordedCases({ providers: ['openai', 'groq'], endpoints: ['chat.completions'], fidelity: ['raw'] })
    expect(new Set(chosen.map(({ meta }) => meta.provider))).toEqual(new Set(['openai', 'groq']))
    expect(new Set(chosen.map(({ meta }) => `${meta.endpoint} ${meta.fidelity}`))).toEqual(
      new Set(['chat.completions raw']),
    )
    expect(recordedCases({ providers: [] })).toEqual([])
  })

  test('are replayed with their status, content type, own headers and bytes', async () => {
    await using upstream = await mockUpstream()
    upstream.reply(...(cases.map((recorded) => replayCase(recorded)) as [ReturnType<typeof replayCase>]))
    for (const { name, status, headers, responseBytes, stream } of cases) {
      const answer = await call(upstream.url)
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      expect([name, answer.statusCode, answer.headers['content-type']]).toEqual([name, status, headers['content-type']])
      expect(bytes.equals(stream ?? responseBytes ?? Buffer.alloc(0))).toBe(true)
      expect(answer.headers['content-encoding']).toBeUndefined()
      if (headers['request-id']) expect(answer.headers['request-id']).toBe(headers['request-id'])
    }
  })

  test('are replayed in the pieces asked for', async () => {
    const recorded = cases.find(({ name }) => name.startsWith('gemini/stream-parallel-tools'))
    await using upstream = await mockUpstream()
    upstream.reply(replayCase(recorded!, { chunk: 'frame' }))
    const chunks = await chunksOf(upstream.url)
    expect(chunks.length).toBeGreaterThan(1)
    for (const chunk of chunks) expect(chunk.subarray(-4).toString()).toBe('\r\n\r\n')
  })
})
