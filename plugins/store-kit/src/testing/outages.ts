/** The suite of what keeps its things on a server: what happens when that is slow, frozen or gone. */
import assert from 'node:assert/strict'
import type { Claim } from '../counters.ts'
import type { RemoteCounters } from '../remote-counters.ts'
import { amountsOf, slots, window } from './claims.ts'
import { eventually, refusalOf } from './outcome.ts'
import type { TestFunction } from './subject.ts'

/** A server that can be stopped in every way. `freeze`: it answers no more, with all connections open. */
export interface FallibleServer {
  freeze(): void
  thaw(): void
  kill(): Promise<void>
  start(): Promise<void>
}

export interface Replica {
  counters: RemoteCounters
  /** What it logged. */
  log: readonly { level: string }[]
  close(): unknown
}

export interface OutageSubject<T extends Replica> {
  test: TestFunction
  server: () => FallibleServer
  /** One that holds nothing, and sees to its leases every 100 ms or more often. */
  create: () => Promise<T>
  /** Milliseconds that a call may take. */
  deadline: number
  /** All calls there are; `name` is another one every time. */
  calls: { readonly [call: string]: (replica: T, name: string) => Promise<unknown> }
  /** Never logged. */
  secret: string
}

/** Milliseconds that a busy machine may take longer. */
const SLACK = 150
const CLAIMS: readonly Claim[] = [window(30, { limit: 100 }), slots(1, { limit: 1 })]

export function testOutages<T extends Replica>(subject: OutageSubject<T>): void {
  const { test, server, create, deadline, calls, secret } = subject
  const each = (name: string, run: (replica: T) => Promise<void>): void =>
    void test(name, async () => {
      const replica = await create()
      try {
        await run(replica)
        assert.ok(!JSON.stringify(replica.log).includes(secret))
      } finally {
        await replica.close()
      }
    })
  const whileFrozen = async (run: () => Promise<void>): Promise<void> => {
    server().freeze()
    try {
      await run()
    } finally {
      server().thaw()
    }
  }
  const told = (replica: T): string[] => replica.log.map(({ level }) => level).filter((level) => level !== 'debug')

  for (const [name, call] of Object.entries(calls)) {
    each(`${name} ends in time if the server is frozen, and works again when it goes on`, async (replica) => {
      await call(replica, 'before')
      await whileFrozen(async () => {
        const { time, code, retryable } = await refusalOf(call(replica, 'meanwhile'))
        assert.deepEqual([code, retryable], ['overloaded', true])
        assert.ok(time > deadline - 10 && time < deadline + SLACK, `${time} ms`)
      })
      let tried = 0
      await eventually(() => call(replica, `after ${tried++}`))
    })
  }

  each('calls are refused at once after some have failed, which is logged once', async (replica) => {
    const read = (): Promise<unknown> => Promise.resolve(replica.counters.read(CLAIMS))
    await whileFrozen(async () => {
      const all = await Promise.all(Array.from({ length: 12 }, () => refusalOf(read())))
      for (const { code, time } of all) assert.ok(code === 'overloaded' && time < deadline + SLACK, `${time} ms`)
      const { code, time } = await refusalOf(read())
      assert.ok(code === 'overloaded' && time < 50, `${time} ms`)
    })
    await eventually(read)
    assert.deepEqual(told(replica), ['error', 'info'])
  })

  each('calls are refused in time if the server is gone, and work again when it is back', async (replica) => {
    const read = (): Promise<unknown> => Promise.resolve(replica.counters.read(CLAIMS))
    await server().kill()
    for (let i = 0; i < 10; i++) {
      const { code, time } = await refusalOf(read())
      assert.ok(code === 'overloaded' && time < deadline + SLACK, `${time} ms`)
    }
    await server().start()
    await eventually(read)
    assert.deepEqual(told(replica), ['error', 'info'])
  })

  each('a lease that ended while the server was away is settled when it is back, once', async ({ counters }) => {
    await counters.reserve('x', CLAIMS)
    await whileFrozen(async () => {
      const settled = Promise.resolve(counters.settle('x', CLAIMS, [50, 1]))
      assert.equal((await refusalOf(settled)).code, 'overloaded')
    })
    await eventually(async () => assert.deepEqual(amountsOf(await counters.read(CLAIMS)), [50, 1]))
    await counters.settle('x', CLAIMS, [50, 1])
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.deepEqual(amountsOf(await counters.read(CLAIMS)), [50, 1])
  })

  each(
    'a lease of which a part was left while the server was away is counted when it is back, once',
    async (replica) => {
      const { counters } = replica
      await counters.reserve('x', CLAIMS)
      await whileFrozen(async () => {
        const settled = Promise.resolve(counters.settle('x', CLAIMS, [10, 0], { lease: 'y', amounts: [20, 1] }))
        assert.equal((await refusalOf(settled)).code, 'overloaded')
      })
      await Promise.resolve(counters.settle('y', CLAIMS, [5, 0])).catch(() => undefined)
      await eventually(async () => assert.deepEqual(amountsOf(await counters.read(CLAIMS)), [85, 1]))
      await new Promise((resolve) => setTimeout(resolve, 250))
      assert.deepEqual(amountsOf(await counters.read(CLAIMS)), [85, 1])
    },
  )

  each('what is granted when nobody waits for it any more is given back', async ({ counters }) => {
    await whileFrozen(async () => {
      const reserved = Promise.resolve(counters.reserve('x', CLAIMS))
      assert.equal((await refusalOf(reserved)).code, 'overloaded')
    })
    await new Promise((resolve) => setTimeout(resolve, 250))
    await eventually(async () => assert.deepEqual(amountsOf(await counters.read(CLAIMS)), [100, 1]))
  })
}
