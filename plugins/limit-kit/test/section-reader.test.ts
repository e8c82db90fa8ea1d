import type { Scope } from '@sluice/core'
import { expect, test } from 'vitest'
import { LimitsSection, SectionReader } from '../src/index.ts'

const scope = (limits: unknown, kind: Scope['kind'] = 'key'): Scope => ({ kind, id: 'k', sections: { limits } })

function reader() {
  const compiled: string[] = []
  const compile = (kind: string, value: object): string => {
    compiled.push(kind)
    return `${kind} ${JSON.stringify(value)}`
  }
  return { compiled, reader: new SectionReader({ section: 'limits', schema: LimitsSection, compile }) }
}

test('a section is compiled once for each kind of scope', () => {
  const { reader: sections, compiled } = reader()
  const limits = { requests: '5/s' }
  for (const kind of ['key', 'team', 'key', 'team'] as const) expect(sections.read(scope(limits, kind))).toContain(kind)
  expect(compiled).toEqual(['key', 'team'])
})

test.each([undefined, null])('%s is none', (limits) => {
  expect(reader().reader.read(scope(limits))).toBeUndefined()
})

test.each([['5/s'], [5], [true], [{ requests: 5 }], [{ unheard: 1 }]])('%j is refused every time', (limits) => {
  const { reader: sections } = reader()
  for (let i = 0; i < 2; i++) expect(() => sections.read(scope(limits))).toThrow(/"limits" of a key/)
})
