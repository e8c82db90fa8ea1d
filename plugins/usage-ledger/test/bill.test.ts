import fc from 'fast-check'
import { expect, test } from 'vitest'
import { obedient, order, place, priceOf } from './support/bill.ts'
import type { Order } from './support/bill.ts'
import { setUp, until } from './support/setting.ts'

const second = (model: string): { targets: string[] } => ({ targets: ['broken/any', `vllm/${model}`] })

test('the ledger comes to what the upstream would ask for, to the nano-dollar, however exchanges end', async () => {
  await using setting = await setUp({
    config: {
      server: { logLevel: 'fatal' },
      models: { 'second-plain': second('plain'), 'second-tiered': second('tiered'), 'second-free': second('free') },
    },
  })
  setting.upstream.reply(obedient)
  let run = 0
  const check = async (orders: readonly Order[]): Promise<void> => {
    const as = `run-${++run}`
    let due = 0n
    await Promise.all(
      orders.map(async (each) => {
        const bytes = await place(each, setting, as)
        due += priceOf(each, bytes)
      }),
    )
    const filter = { where: { principal: as } }
    const total = async () => (await setting.ledger.sum(filter, { fields: ['costNanoUsd'] }))[0]
    await until(async () => ((await total())?.count ?? 0) >= orders.length)
    const { count, sums } = (await total())!
    expect(count).toBe(orders.length)
    expect(BigInt(sums['costNanoUsd'] ?? 0)).toBe(due)
  }
  await fc.assert(fc.asyncProperty(fc.array(order, { minLength: 40, maxLength: 60 }), check), {
    numRuns: 50,
    endOnFailure: true,
  })
  expect((await setting.ledger.sum({}, { fields: [] }))[0]!.count).toBeGreaterThan(2000)
}, 60_000)
