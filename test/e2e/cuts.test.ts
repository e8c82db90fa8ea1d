/** Where TCP cuts a stream makes no difference to what the client of the other API hears. */
import { replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../support/clients.ts'
import { describeRecorded, recordings } from '../support/recordings.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

describeRecorded('a stream cut in two is heard like the whole one', () => {
  test.each(recordings.filter(({ stream }) => stream))('$name', async (recording) => {
    const { api, target, vendor, stream } = recording
    const client = api === 'openai' ? 'anthropic' : 'openai'
    const hear = async (cut: number[]): Promise<unknown> => {
      stage.upstreams[api].reply(replayCase(recording, { chunk: cut }))
      const { answer, final } = await ask[client](stage.clients, target, true, { vendor })
      // Anthropic tells no time of creation: the gateway's clock stands in.
      return { answer, final: { ...final, created: 0 } }
    }
    const whole = await hear([])
    for (const cut of cutsOf(stream!)) expect(await hear([cut]), `cut at byte ${cut}`).toEqual(whole)
  })
})

/** In the first frame, within a line end, within a character of several bytes if there is one, and at two places between. */
function cutsOf(stream: Buffer): number[] {
  const frameEnd = stream.indexOf('\n\n') === -1 ? stream.indexOf('\r\n\r\n') : stream.indexOf('\n\n')
  const wide = stream.findIndex((byte) => byte >= 0xc0)
  const spread = [1 / 3, 0.71].map((share) => Math.floor(stream.length * share))
  return [7, frameEnd + 1, wide + 1, ...spread, stream.length - 1].filter((cut) => cut > 0)
}
