import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GossipLine } from '../src/gossip-line.ts'
import type { GossipMessage } from '../src/gossip-line.ts'

const isNumber = (value: unknown): value is number => typeof value === 'number'

/** A member of a group in which everybody hears everything, over as many ways as there are lists. */
function member(name: string, group: GossipLine<number>[] = [], ways = 1) {
  const heard: [key: string, value: number, peer: string][] = []
  const sent: GossipMessage<number>[] = []
  const line = new GossipLine<number>(
    { accepts: isNumber, heard: (...all) => heard.push(all), combine: (a, b) => a + b },
    name,
    (message) => {
      sent.push(message)
      for (let way = 0; way < ways; way++) for (const each of group) each.receive(structuredClone(message))
    },
    { now: () => performance.now() },
  )
  group.push(line)
  return { line, heard, sent }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('what is told', () => {
  test('reaches all others at once, and not the teller', () => {
    const group: GossipLine<number>[] = []
    const [a, b, c] = [member('a', group), member('b', group), member('c', group)]
    a.line.tell('x', 1)
    vi.advanceTimersByTime(0)
    expect([a.heard, b.heard, c.heard]).toEqual([[], [['x', 1, 'a']], [['x', 1, 'a']]])
  })

  test('waits until 500 ms after what was told before, and is combined', () => {
    const { line, sent } = member('a')
    line.tell('x', 1)
    vi.advanceTimersByTime(0)
    for (const [key, value] of [
      ['x', 2],
      ['y', 5],
      ['x', 3],
    ] as const)
      line.tell(key, value)
    vi.advanceTimersByTime(499)
    expect(sent).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(sent.map(({ values }) => values)).toEqual([
      [['x', 1]],
      [
        ['x', 5],
        ['y', 5],
      ],
    ])
    vi.advanceTimersByTime(10_000)
    expect(sent).toHaveLength(2)
  })

  test('is sent at most twice a second, however much there is', () => {
    const { line, sent } = member('a')
    for (let ms = 0; ms < 10_000; ms += 10) {
      line.tell('x', 1)
      vi.advanceTimersByTime(10)
    }
    expect(sent.length).toBeLessThanOrEqual(21)
    expect(sent.flatMap(({ values }) => values).reduce((sum, [, value]) => sum + value, 0)).toBeGreaterThan(950)
  })

  test('goes in pieces of a thousand values, and no more than ten thousand wait', () => {
    const { line, sent } = member('a')
    for (let n = 0; n < 12_345; n++) line.tell(`k${n}`, n)
    line.tell('k0', 1)
    vi.advanceTimersByTime(0)
    expect(sent.map(({ values }) => values.length)).toEqual(Array.from({ length: 10 }, () => 1000))
    expect(sent[0]!.values[0]).toEqual(['k0', 1])
  })

  test('is sent before it closes', () => {
    const { line, sent } = member('a')
    line.tell('x', 1)
    line.close()
    vi.advanceTimersByTime(1000)
    expect(sent).toHaveLength(1)
  })
})

describe('what is heard', () => {
  test('counts once, on however many ways it comes', () => {
    const group: GossipLine<number>[] = []
    const a = member('a', group, 3)
    const b = member('b', group)
    for (let n = 0; n < 5; n++) {
      a.line.tell('x', n)
      vi.advanceTimersByTime(500)
    }
    expect(b.heard.map(([, value]) => value)).toEqual([0, 1, 2, 3, 4])
  })

  test.each<[what: string, message: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['no values', { peer: 'a', number: 1 }],
    ['a peer that is no text', { peer: 1, number: 1, values: [['x', 1]] }],
    ['no number', { peer: 'a', number: '1', values: [['x', 1]] }],
    ['values that are no pairs', { peer: 'a', number: 1, values: [null, 1, 'x', {}, []] }],
    [
      'keys that are no texts',
      {
        peer: 'a',
        number: 1,
        values: [
          [1, 1],
          [null, 1],
        ],
      },
    ],
    ['values of another type', { peer: 'a', number: 1, values: [['x', 'y'], ['x', null], ['x']] }],
    ['its own', { peer: 'me', number: 1, values: [['x', 1]] }],
  ])('is left out if it is %s', (_what, message) => {
    const { line, heard } = member('me')
    line.receive(message)
    expect(heard).toEqual([])
  })

  test('of many processes needs no more memory than of ten thousand', () => {
    const { line, heard } = member('me')
    for (let n = 0; n < 30_000; n++) line.receive({ peer: `p${n}`, number: 1, values: [['x', n]] })
    line.receive({ peer: 'p29999', number: 1, values: [['x', 0]] })
    line.receive({ peer: 'p0', number: 1, values: [['x', 0]] })
    expect(heard).toHaveLength(30_001) // the first one was forgotten, the last one was not
  })
})
