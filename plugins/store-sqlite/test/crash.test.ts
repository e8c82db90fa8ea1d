import { expect, test } from 'vitest'
import { budget, slots } from './support/claims.ts'
import { Folder, open } from './support/database.ts'
import { Worker } from './support/process.ts'

test('whenever the process is killed, what was told to be kept is there, whole and once', async () => {
  using folder = new Folder()
  const told: string[] = []
  for (let round = 0; round < 3; round++) {
    const worker = new Worker('writing.ts', folder.file, String(round))
    await worker.said(1 + Math.floor(Math.random() * 400))
    await worker.kill()
    told.push(...worker.lines)
  }
  await using opened = await open(folder.file)
  const { store, journal } = opened
  for (const id of told) {
    const [round] = id.split('-')
    expect(await store.find('records', id)).toEqual({ id, value: { round }, revision: 1 })
    expect((await journal.find('ledger', id))?.data).toEqual({ cost: 7, round })
    expect((await journal.find('ledger', `${id}-second`))?.data).toEqual({ cost: 1, round })
  }
  // A client that was not told asks again: nothing is counted twice, and no half of an append is there.
  const rows = told.map((id) => ({ id, time: 1, data: { cost: 7, round: 'again' } }))
  expect(await journal.append('ledger', rows)).toEqual([])
  const [all] = await journal.sum('ledger', {}, { fields: ['cost'] })
  expect(all!.sums['cost']).toBe((all!.count / 2) * 8)
  expect(all!.count / 2).toBeGreaterThanOrEqual(told.length)
})

test('what a killed process had saved of its counters is there, and what it held is given back', async () => {
  using folder = new Folder()
  const worker = new Worker('counting.ts', folder.file)
  await worker.said(1)
  await worker.kill()
  await using opened = await open(folder.file)
  const [left, free] = await opened.counters.read([budget(0), slots()])
  expect([left?.remaining, free?.remaining]).toEqual([7, 2])
})
