/** Takes from counters: spends 3 and leaves 2 more on a lease, and a slot. Says so when that is saved. Argument: file. */
import { open } from './database.ts'
import { budget, slots } from './claims.ts'

const { counters, shared } = await open(process.argv[2]!)
await counters.reserve('spent', [budget(5)])
await counters.settle('spent', [budget(5)], [3])
await counters.reserve('open', [budget(2), slots()])
shared.configure({ cacheSize: 1e6, fileSize: 1e9, queueSize: 1e6, synchronous: 'normal', flushInterval: 1 })
// What was saved can be told by the next write that has been committed.
setTimeout(() => void shared.delete('none', 'none').then(() => process.stdout.write('saved\n')), 20)
setInterval(() => undefined, 1000)
