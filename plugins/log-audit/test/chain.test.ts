import { describe, expect, test, vi } from 'vitest'
import { prune } from '../src/retention.ts'
import { entriesOf } from '../src/row.ts'
import type { Row } from '@sluice/store-kit'
import { TestJournal } from './test-journal.ts'
import { event, noteStore, trailOf } from './trail.ts'
import type { Trail } from './trail.ts'

/** A trail of `count` rows with one event each. */
async function written(count: number): Promise<Trail> {
  const trail = trailOf()
  for (let n = 1; n <= count; n++) await trail.writer.record(event(n))
  await trail.seal.settled()
  return trail
}

const subjects = ({ journal }: Pick<Trail, 'journal'>): (string | undefined)[] =>
  journal.rows.flatMap(entriesOf).map(({ subject }) => subject)
const expected = (count: number): string[] => Array.from({ length: count }, (_, n) => `key:key_${n + 1}`)

describe('a chain as it was written', () => {
  test('is whole, and says how long it is and what its end is', async () => {
    const { verifier, journal } = await written(7)
    expect(await verifier.verify()).toEqual({
      ok: true,
      count: 7,
      head: { sequence: 7, hash: journal.rows[6]!.data['hash'] },
    })
    expect(journal.rows.map(({ id }) => id).slice(0, 2)).toEqual(['000000000001', '000000000002'])
  })

  test('is whole if there is nothing in it', async () => {
    expect(await trailOf().verifier.verify()).toMatchObject({ ok: true, count: 0, head: { sequence: 0 } })
  })

  test('is read in chunks', async () => {
    const { verifier, journal } = await written(1203)
    const read = vi.spyOn(journal, 'read')
    expect(await verifier.verify()).toMatchObject({ ok: true, count: 1203 })
    expect(read.mock.calls.length).toBe(3)
  })

  test('holds what the hash of a row noted earlier says, and no other', async () => {
    const { verifier, journal } = await written(4)
    const hash = String(journal.rows[1]!.data['hash'])
    expect((await verifier.verify({ sequence: 2, hash })).ok).toBe(true)
    expect(await verifier.verify({ sequence: 3, hash })).toMatchObject({ ok: false, broken: { sequence: 3 } })
    expect(await verifier.verify({ sequence: 5, hash })).toMatchObject({ ok: false, broken: { sequence: 5 } })
  })
})

/** Row by index from 0, in the journal and after it a verification. */
type Tampering = (rows: Row[], at: number) => void
const change =
  (field: string, value: unknown): Tampering =>
  (rows, at) =>
    void Object.assign(rows[at]!.data, { [field]: value })
const swapData = (rows: Row[], a: number, b: number): void => {
  const kept = rows[a]!.data
  rows[a]!.data = rows[b]!.data
  rows[b]!.data = kept
}

describe('tampering is found', () => {
  const TAMPERINGS: { [what: string]: { tamper: Tampering; broken?: (at: number) => number; last?: number } } = {
    'what happened': { tamper: change('events', '[]') },
    'the actor by which it is found': { tamper: change('actor', ['user_9']) },
    'a field more': { tamper: change('note', 'x') },
    'a field less': { tamper: (rows, at) => void delete rows[at]!.data['outcome'] },
    'its hash': { tamper: change('hash', 'f'.repeat(64)) },
    'the hash of the one before': { tamper: change('prev', 'f'.repeat(64)) },
    'its time': { tamper: (rows, at) => void (rows[at]!.time += 1) },
    'that it is there': { tamper: (rows, at) => void rows.splice(at, 1) },
    'that it is there, with all after it': { tamper: (rows, at) => void rows.splice(at) },
    'another row between': {
      tamper: (rows, at) => void rows.splice(at, 0, { ...structuredClone(rows[at]!), id: `${rows[at]!.id}a` }),
      broken: (at) => at + 2,
    },
    'the order of two': { tamper: (rows, at) => swapData(rows, at, at + 1), last: 4 },
    'the order of two, with their numbers': {
      tamper(rows, at) {
        const [a, b] = [rows[at]!, rows[at + 1]!]
        ;[a.id, b.id] = [b.id, a.id]
      },
      last: 4,
    },
  }

  for (const [what, { tamper, broken = (at: number) => at + 1, last = 5 }] of Object.entries(TAMPERINGS))
    test(`in any row: ${what}`, async () => {
      for (let at = 0; at <= last; at++) {
        const { verifier, journal } = await written(6)
        tamper(journal.rows, at)
        const verdict = await verifier.verify()
        expect([at, verdict.ok, verdict.broken?.sequence]).toEqual([at, false, broken(at)])
      }
    })

  test('by another process, which never saw the rows', async () => {
    const [journal, store] = [new TestJournal(), noteStore()]
    const writer = trailOf(journal, store)
    for (let n = 0; n < 5; n++) await writer.writer.record(event(n))
    await writer.seal.settled()
    journal.rows.pop()
    expect(await trailOf(journal, store).verifier.verify()).toMatchObject({ ok: false, broken: { sequence: 5 } })
  })

  test('with hashes made anew, if they need a secret', async () => {
    const [journal, store] = [new TestJournal(), noteStore()]
    const trail = trailOf(journal, store, 'a secret of 16 or more')
    await trail.writer.record(event(1))
    // The forger has the database, but not the secret.
    await trailOf(journal, noteStore()).writer.record(event(2))
    expect(await trail.verifier.verify()).toMatchObject({ ok: false, count: 1, broken: { sequence: 2 } })
  })

  test('with hashes made anew, if a row was noted elsewhere', async () => {
    const { journal, verifier } = await written(3)
    const forged = trailOf(new TestJournal(), noteStore())
    for (let n = 1; n <= 3; n++) await forged.writer.record(event(n, { actor: 'nobody' }))
    const noted = { sequence: 2, hash: String(journal.rows[1]!.data['hash']) }
    journal.rows = forged.journal.rows
    expect(await verifier.verify(noted)).toMatchObject({ ok: false, broken: { sequence: 2 } })
  })
})

describe('several processes', () => {
  test('add to one chain, and nothing is lost or written twice', async () => {
    const [journal, store] = [new TestJournal(), noteStore()]
    journal.delay = 1
    const trails = Array.from({ length: 5 }, () => trailOf(journal, store))
    const all = trails.flatMap(({ writer }, who) =>
      Array.from({ length: 40 }, (_, n) => writer.record(event(n, { subject: `key:${who}-${n}` }))),
    )
    await Promise.all(all)
    await Promise.all(trails.map(({ seal }) => seal.settled()))
    expect(new Set(subjects({ journal })).size).toBe(200)
    expect(subjects({ journal })).toHaveLength(200)
    for (const { verifier } of trails) expect((await verifier.verify()).ok).toBe(true)
  })

  test('keep the chain in the order of time, whoever has a clock that is ahead', async () => {
    const [journal, store] = [new TestJournal(), noteStore()]
    const [ahead, behind] = [trailOf(journal, store), trailOf(journal, store)]
    const clock = vi.spyOn(Date, 'now').mockReturnValue(2_000_000)
    await ahead.writer.record(event(1))
    clock.mockReturnValue(1_000_000)
    await behind.writer.record(event(2))
    clock.mockRestore()
    expect(await behind.verifier.verify()).toMatchObject({ ok: true, count: 2 })
  })
})

test('events that come at the same time share rows', async () => {
  const { writer, journal, verifier } = trailOf()
  await Promise.all(Array.from({ length: 250 }, (_, n) => writer.record(event(n + 1))))
  expect(journal.appends).toBeLessThanOrEqual(5)
  expect(subjects({ journal })).toEqual(expected(250))
  expect(await verifier.verify()).toMatchObject({ ok: true, count: journal.rows.length })
})

describe('a journal that is out of reach', () => {
  test('holds nobody up, and gets all of it when it is back', async () => {
    vi.useFakeTimers()
    const { journal, writer, verifier } = trailOf()
    await writer.record(event(1))
    journal.state = 'away'
    for (let n = 2; n <= 9; n++) await writer.record(event(n))
    expect(writer.isDown).toBe(true)
    await expect(writer.assertReachable()).rejects.toMatchObject({ code: 'overloaded', retryAfter: 30 })
    journal.state = 'there'
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(subjects({ journal })).toEqual(expected(9)))
    await writer.assertReachable()
    expect((await verifier.verify()).ok).toBe(true)
  })

  test('may have taken what it did not confirm: that is not written twice', async () => {
    vi.useFakeTimers()
    const [journal, store] = [new TestJournal(), noteStore()]
    const [one, other] = [trailOf(journal, store), trailOf(journal, store)]
    journal.state = 'deaf'
    await one.writer.record(event(1))
    journal.state = 'there'
    await other.writer.record(event(2))
    await vi.advanceTimersByTimeAsync(1_000)
    await one.writer.record(event(3))
    vi.useRealTimers()
    expect(subjects({ journal })).toEqual(expected(3))
    expect((await one.verifier.verify()).ok).toBe(true)
  })

  test('is remembered for a bounded number of events; how many were lost is said', async () => {
    vi.useFakeTimers()
    const { journal, writer } = trailOf()
    journal.state = 'away'
    const all = Array.from({ length: 6_000 }, (_, n) => writer.record(event(n)))
    await Promise.all(all)
    journal.state = 'there'
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    await writer.close()
    const entries = journal.rows.flatMap(entriesOf)
    const lost = entries.at(-1)!
    expect(lost).toMatchObject({ action: 'audit.lost', outcome: 'failed' })
    expect(entries.length - 1 + (lost.details!['count'] as number)).toBe(6_000)
    expect(entries.length).toBeGreaterThan(5_000)
  })

  test('is tried once more when the gateway closes', async () => {
    const { journal, writer } = trailOf()
    journal.state = 'away'
    await writer.record(event(1))
    journal.state = 'there'
    await writer.close()
    expect(subjects({ journal })).toEqual(expected(1))
  })
})

/** Numbers from 0 below `most`, the same for the same seed. */
function dice(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

test('however processes, losses and batches fall together, the chain is whole and holds everything once', async () => {
  const states = ['there', 'there', 'deaf', 'away'] as const
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed)
    const [journal, store] = [new TestJournal(), noteStore()]
    const trails = [0, 1, 2].map(() => trailOf(journal, store))
    let n = 0
    for (let step = roll(15); step >= 0; step--) {
      journal.state = states[roll(states.length)]!
      const { writer } = trails[roll(trails.length)]!
      await Promise.all(Array.from({ length: 1 + roll(5) }, () => writer.record(event(++n))))
    }
    journal.state = 'there'
    for (const { writer } of trails) await writer.close()
    await Promise.all(trails.map(({ seal }) => seal.settled()))
    expect([seed, new Set(subjects({ journal })), journal.rows.flatMap(entriesOf).length]).toEqual([
      seed,
      new Set(expected(n)),
      n,
    ])
    expect(await trails[0]!.verifier.verify()).toMatchObject({ ok: true, count: journal.rows.length })
  }
})

describe('pruning', () => {
  async function aged(): Promise<Trail> {
    const trail = trailOf()
    const clock = vi.spyOn(Date, 'now')
    for (let n = 1; n <= 6; n++) {
      clock.mockReturnValue(n * 1000)
      await trail.writer.record(event(n))
    }
    clock.mockReturnValue(7000)
    expect(await prune(4000, trail.journal, trail.writer)).toBe(3)
    clock.mockRestore()
    return trail
  }

  test('leaves a chain that can be verified without what is gone', async () => {
    const { journal, verifier } = await aged()
    expect(journal.rows.map(({ id }) => Number(id))).toEqual([4, 5, 6, 7])
    expect(await verifier.verify()).toMatchObject({ ok: true, count: 4, head: { sequence: 7 } })
  })

  test('again forgets also the word of the pruning before', async () => {
    const { journal, verifier, writer } = await aged()
    expect(await prune(8000, journal, writer)).toBe(4)
    expect(await verifier.verify()).toMatchObject({ ok: true, count: 1, head: { sequence: 8 } })
  })

  test('does nothing where nothing is old', async () => {
    const { journal, writer } = await written(2)
    expect(await prune(1000, journal, writer)).toBe(0)
    expect(journal.rows).toHaveLength(2)
  })

  test('does not hide what is missing beyond it', async () => {
    const { journal, verifier } = await aged()
    journal.rows.shift()
    expect(await verifier.verify()).toMatchObject({ ok: false, count: 0, broken: { sequence: 4 } })
  })

  test('does not happen while no word of it can be left', async () => {
    const { journal, writer } = await aged()
    const read = journal.read.bind(journal)
    vi.spyOn(journal, 'read').mockImplementation(async (...args) => {
      const rows = await read(...args)
      journal.state = 'away'
      return rows
    })
    expect(await prune(6000, journal, writer)).toBe(0)
    expect(journal.rows).toHaveLength(4)
  })
})
