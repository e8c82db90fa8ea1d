/** What holds of counters that grant from chunks, however processes and the calls on their way interleave. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BucketTable } from '../src/index.ts'
import type { Claim } from '../src/index.ts'
import { Process, settled } from './support/network.ts'

const LIMIT = 60_000
const PERIOD = 60_000
/** Milliseconds that a unit may have been taken before it is granted. */
const LIFE = PERIOD / 100
const KINDS = [
  (amount: number): Claim => ({ kind: 'window', key: 'k', amount, limit: LIMIT, until: Infinity }),
  (amount: number): Claim => ({ kind: 'bucket', key: 'k', amount, limit: LIMIT, period: PERIOD }),
] as const
const [window, bucket] = KINDS

type Open = { by: Process; lease: string; claims: Claim[] }
/** What was granted, and (less than nothing) given back. */
type Event = { by: Process; time: number; units: number }

/** All that has been granted, as those know it who were granted it. */
class Truth {
  readonly table = new BucketTable(() => Date.now())
  readonly processes: Process[]
  readonly open: Open[] = []
  readonly events: { readonly [K in Claim['kind']]: Event[] } = { window: [], bucket: [], slots: [] }
  local = 0
  #leases = 0

  constructor(count: number) {
    this.processes = Array.from({ length: count }, (_, i) => new Process(this.table, String(i), false))
  }

  reserve(by: Process, claims: Claim[]): void {
    const lease = `l${this.#leases++}`
    const note = (granted: boolean): void => {
      if (!granted || by.isDead) return
      this.open.push({ by, lease, claims })
      for (const { kind, amount } of claims) this.#note(by, kind, amount)
    }
    const given = by.counters.reserve(lease, claims)
    if (given instanceof Promise) given.then(({ granted }) => note(granted), fc.pre)
    else {
      this.local++
      note(given.granted)
    }
  }

  /** @param part hundredths of what was claimed */
  settle(index: number, part: number): void {
    const [{ by, lease, claims }] = this.open.splice(index % this.open.length, 1) as [Open]
    const amounts = claims.map(({ amount }) => Math.floor((amount * part) / 100))
    void by.counters.settle(lease, claims, amounts)
    for (const [i, { kind, amount }] of claims.entries()) this.#note(by, kind, amounts[i]! - amount)
  }

  kill(process: Process): void {
    process.die()
    this.table.dropPeer(String(this.processes.indexOf(process)))
    for (let i = this.open.length - 1; i >= 0; i--) if (this.open[i]!.by === process) this.open.splice(i, 1)
  }

  /** By those that live. */
  used(kind: 'window' | 'bucket'): number {
    return this.events[kind].reduce((sum, { by, units }) => sum + (by.isDead ? 0 : units), 0)
  }

  /** Lets all calls through, and those that come of them. */
  async deliverAll(): Promise<void> {
    for (let some = true; some;) {
      some = false
      for (const process of this.processes) if (await process.deliver()) some = true
    }
  }

  #note(by: Process, kind: Claim['kind'], units: number): void {
    this.events[kind].push({ by, time: Date.now(), units })
    expect(this.used('window')).toBeLessThanOrEqual(LIMIT)
  }
}

type Kinds = readonly ((amount: number) => Claim)[]
type Step =
  | { rest: number; kinds: Kinds }
  | { by: number; times: number; amount: number; kinds: Kinds }
  | { settle: number; times: number; part: number }
  | { deliver: number; times: number }
  | { pass: number }
  | { kill: number }

const TIMES = fc.integer({ min: 1, max: 8 })
const AMOUNT = fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 3 }) }, fc.nat({ max: LIMIT / 3 }))
const WHICH = fc.constantFrom<Kinds>([window], [bucket], [window, bucket])
const claim = fc.record({ by: fc.nat(), times: TIMES, amount: AMOUNT, kinds: WHICH })
/** Of all that is left where it is counted. */
const rest = fc.record({ rest: fc.nat(), kinds: WHICH })
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: claim },
  { weight: 8, arbitrary: fc.record({ settle: fc.nat(), times: TIMES, part: fc.nat({ max: 100 }) }) },
  { weight: 16, arbitrary: fc.record({ deliver: fc.nat(), times: TIMES }) },
  { weight: 3, arbitrary: fc.record({ pass: fc.nat({ max: 400 }) }) },
  { weight: 1, arbitrary: rest },
)
const STEPS = fc.array(STEP, { minLength: 20, maxLength: 120, size: 'max' })

async function play(truth: Truth, steps: readonly Step[]): Promise<void> {
  const { processes } = truth
  const alive = (n: number): Process => {
    const all = processes.filter(({ isDead }) => !isDead)
    return all[n % all.length]!
  }
  for (const step of steps) {
    if ('by' in step) {
      for (let i = 0; i < step.times; i++)
        truth.reserve(
          alive(step.by),
          step.kinds.map((kind) => kind(step.amount)),
        )
    } else if ('rest' in step) {
      const left = truth.table.read([window(0), bucket(0)])
      const amount = (of: (amount: number) => Claim): number => left[KINDS.indexOf(of)]!.remaining
      truth.reserve(
        alive(step.rest),
        step.kinds.map((kind) => kind(amount(kind))),
      )
    } else if ('settle' in step) {
      for (let i = 0; i < step.times && truth.open.length > 0; i++) truth.settle(step.settle, step.part)
    } else if ('deliver' in step) {
      for (let i = 0; i < step.times; i++) await alive(step.deliver).deliver()
    } else if ('pass' in step) await vi.advanceTimersByTimeAsync(step.pass)
    else if (processes.filter(({ isDead }) => !isDead).length > 1) truth.kill(alive(step.kill))
    await settled()
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const COUNT = fc.integer({ min: 1, max: 4 })

test('never more is granted than the limit, and in the end all that is left', async () => {
  let local = 0
  await fc.assert(
    fc.asyncProperty(COUNT, STEPS, async (count, steps) => {
      const truth = new Truth(count)
      await play(truth, steps)
      while (truth.open.length > 0) truth.settle(0, 50)
      for (let i = 0; i < 10; i++) {
        await truth.deliverAll()
        await vi.advanceTimersByTimeAsync(200)
      }
      while (truth.open.length > 0) truth.settle(0, 50)
      await truth.deliverAll()
      await vi.advanceTimersByTimeAsync(1000)
      await truth.deliverAll()
      const rest = LIMIT - truth.used('window')
      expect(truth.table.read([window(0)])[0]?.remaining).toBe(rest)
      for (const [i, process] of truth.processes.entries()) {
        const left = LIMIT - truth.used('window')
        truth.reserve(process, [window(Math.ceil(left / (count - i)))])
        await truth.deliverAll()
      }
      expect(truth.used('window')).toBe(LIMIT)
      for (const { errors } of truth.processes) expect(errors).toEqual([])
      for (const process of truth.processes) process.die()
      local += truth.local
    }),
    { numRuns: 150 },
  )
  expect(local, 'claims were granted from chunks').toBeGreaterThan(1000)
})

test('a bucket gives no more than its limit and what comes back, be it that a unit is taken before it is granted', async () => {
  await fc.assert(
    fc.asyncProperty(COUNT, STEPS, async (count, steps) => {
      const truth = new Truth(count)
      const startedAt = Date.now()
      await play(truth, steps)
      const events = truth.events.bucket
      for (const [i, first] of events.entries()) {
        const ahead = first.time === startedAt ? 0 : LIFE
        let net = 0
        for (const { time, units } of events.slice(i)) {
          net += units
          expect(net).toBeLessThanOrEqual(LIMIT + (LIMIT * (time - first.time + ahead)) / PERIOD)
        }
      }
      for (const process of truth.processes) process.die()
    }),
    { numRuns: 150 },
  )
})

test('whoever dies gives back what it held, and no more is granted than the limit', async () => {
  const step = fc.oneof({ weight: 20, arbitrary: STEP }, fc.record({ kill: fc.nat() }))
  await fc.assert(
    fc.asyncProperty(COUNT, fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), async (count, steps) => {
      const truth = new Truth(count)
      await play(truth, steps)
      for (const process of truth.processes) if (!process.isDead) truth.kill(process)
      expect(truth.table.read([{ kind: 'slots', key: 'chunks|window|k', amount: 0, limit: 9 }])[0]).toEqual({
        remaining: 9,
        reset: 0,
      })
      const told = LIMIT - truth.table.read([window(0)])[0]!.remaining
      expect(told).toBeLessThanOrEqual(truth.events.window.reduce((sum, { units }) => sum + units, 0))
    }),
    { numRuns: 100 },
  )
})
