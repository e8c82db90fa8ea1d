import { serve } from '../../src/threads/serve.ts'

let calls = 0
serve(() => ({
  count: () => ++calls,
  fail: () => {
    throw new Error('failed')
  },
  die: () => process.exit(1),
  close: () => undefined,
}))
