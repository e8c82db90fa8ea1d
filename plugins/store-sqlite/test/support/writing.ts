/** Writes rows and records for ever; says which, once they are kept: `<round>-<number>`. Arguments: file, round. */
import { open } from './database.ts'

const [, , file = '', round = ''] = process.argv
const { journal, store } = await open(file)
let count = 0

async function write(): Promise<void> {
  for (;;) {
    const id = `${round}-${count++}`
    const [added] = await Promise.all([
      journal.append('ledger', [
        { id, time: Date.now(), data: { cost: 7, round } },
        { id: `${id}-second`, time: Date.now(), data: { cost: 1, round } },
      ]),
      store.put('records', id, { round }),
    ])
    if (added.length !== 2) throw new Error(`${id} was there already`)
    process.stdout.write(`${id}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, write))
