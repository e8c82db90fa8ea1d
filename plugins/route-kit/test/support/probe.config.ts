/** A gateway of two processes that tell each other what they are told. */
import { defineConfig, definePlugin } from '@sluice/core'
import { Gossip } from '@sluice/store-kit'
import { sharedState } from '../../src/index.ts'

const probe = definePlugin({
  name: 'test-probe',
  version: '1.0.0',
  api: 1,
  uses: [Gossip],
  async setup(context) {
    const heard: string[] = []
    const state = await sharedState<string>(context, 'words', {
      accepts: (value): value is string => typeof value === 'string',
      heard: (key, value) => heard.push(`${key} ${value}`),
    })
    const answer = (path: string, body: () => unknown): void =>
      context.router.get(path, { permission: 'public' }, (request) => {
        request.set('connection', 'close')
        request.body = { pid: process.pid, value: body() }
      })
    answer('/tell', () => state.tell('from', String(process.pid)))
    answer('/heard', () => heard)
  },
})

export default defineConfig({ server: { port: 0, workers: 2 }, plugins: [probe()] })
