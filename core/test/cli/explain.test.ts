import { describe, expect, test } from 'vitest'
import { describeExplained } from '../../src/cli/explained.ts'
import type { Explained } from '../../src/cli/explained.ts'
import { explain } from '../../src/cli/explain.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { Folder, PATIENCE, sluice } from './cli.ts'

const FLAGS = { url: 'http://127.0.0.1:9', output: 'text', message: 'Hello' } as const

test.each([
  ['no model', {}, '--model'],
  ['no JSON', { json: 'no json' }, '--json'],
  ['a body without a model', { json: '{}' }, '--model'],
  ['no address', { model: 'm', url: 'nowhere' }, '--url'],
])('%s is wrong usage', async (_, flags, said) => {
  const explained = explain({ ...FLAGS, ...flags })
  await expect(explained).rejects.toThrow(UsageError)
  await expect(explained).rejects.toThrow(said)
})

test.each([['explain'], ['replay']])('%s without flags ends with 2', { timeout: PATIENCE }, async (command) => {
  using folder = new Folder()
  const { code, stderr } = await sluice(folder, command)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: .*--(model|target)/)
})

describe('what is told', () => {
  const told: Explained = {
    model: 'm',
    outcome: 'would-call',
    target: 'a/b',
    as: { id: 'me', key: 'key_me', tags: ['free'], roles: ['client'] },
    error: null,
    estimate: { inputTokens: 8, outputTokens: 10, limited: true },
    candidates: [
      {
        target: 'a/b',
        place: 1,
        excluded: [],
        scores: [
          { plugin: 'balance', score: 0.123456, words: 'weight' },
          { plugin: 'rules', score: 12_000, words: 'ms' },
        ],
        traits: { priority: 2, tags: ['eu'], about: { contextWindow: 5 } },
        mostUsd: 0.0000123,
      },
    ],
    orders: [{ plugin: 'rules', targets: [] }],
    notes: [],
    taps: [
      { hook: 'admit', plugin: 'limit', name: 'limit', stage: 'normal' },
      { hook: 'admit', plugin: 'budget', name: 'reserve', stage: 'late' },
    ],
    limits: { 'x-ratelimit-remaining-requests': '41' },
    timings: { admit: 1.234 },
  }

  test('stands in columns', () => {
    expect(describeExplained(told).split('\n')).toEqual([
      'm would call a/b',
      '  for     me, key key_me, tag free, role client',
      '  tokens  8 in, at most 10 out',
      '',
      'Targets',
      '  1  a/b  priority 2, eu  ≤ $0.0000123  balance: 0.1235 weight',
      '                                        rules: 12000 ms',
      '',
      'Order',
      '  rules  none',
      '',
      'Taps, in their order',
      '  admit  limit            normal  1.23 ms',
      '         budget  reserve  late',
      '',
      'Limits',
      '  x-ratelimit-remaining-requests  41',
    ])
  })

  test('does not speak to the terminal', () => {
    const notes = [{ plugin: 'rules', text: 'red: \u001b[31m' }]
    expect(describeExplained({ ...told, model: 'a\u001b]0;b', notes })).not.toContain('\u001b')
  })
})
