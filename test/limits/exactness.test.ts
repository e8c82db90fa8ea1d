/** Limits admit what they should and not one more, whatever happens to the requests, and however many processes count. */
import { describe, expect, test } from 'vitest'
import { PATIENCE } from '../../core/test/cli/cli.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { billingUpstream, USED } from './support/billing-upstream.ts'
import { crowd } from './support/crowd.ts'
import { ADMIN_KEY, fourWorkers, oneProcess, twoReplicas } from './support/deployments.ts'
import type { Deployment } from './support/deployments.ts'

/** What one answer costs in nano-dollars, at $10 and $40 a million tokens. */
const COST = USED.input * 10_000 + USED.output * 40_000
const TOKENS = USED.input + USED.output
/** More than what a request is taken to need before it is known: when less than this is left, one is refused. */
const ESTIMATE = { tokens: 200, cost: 160 * 10_000 + 40 * 40_000 }
const DAY = 86_400_000

const hasServers = RedisServer.isInstalled() && PostgresServer.isInstalled()
const DEPLOYMENTS: [string, (upstream: string) => Promise<Deployment>][] = [
  ['one process', oneProcess],
  ['four workers', fourWorkers],
  ...(hasServers ? [['two replicas', twoReplicas] as [string, typeof twoReplicas]] : []),
]

/** What the ledger has of one model, by how the requests ended. */
interface Line {
  group: { model: string; outcome: string; status: number }
  requests: number
  inputTokens: number
  outputTokens: number
  costNanoUsd: number
}

/** Of all replicas, once all that was asked is in. */
async function ledgerOf(url: string, model: string, count: number): Promise<Line[]> {
  const by = `${url}/admin/v1/usage?model=${model}&by=model,outcome,status`
  for (;;) {
    const reply = await fetch(by, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
    const { data } = (await reply.json()) as { data: Line[] }
    if (sum(data, 'requests') >= count) return data
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const sum = (lines: readonly Line[], field: 'requests' | 'inputTokens' | 'outputTokens' | 'costNanoUsd'): number =>
  lines.reduce((total, line) => total + line[field], 0)

/** Whether a model answered, be it not to the end. */
const isAnswered = ({ group: { outcome, status } }: Line): boolean =>
  outcome === 'ok' || outcome === 'client_closed' || (outcome === 'failed' && status === 200)

describe.each(DEPLOYMENTS)('over %s', (_, start) => {
  test(
    'two hundred clients get a thousand requests, 100,000 tokens and a dollar',
    { timeout: 2 * PATIENCE },
    async () => {
      const upstream = await billingUpstream()
      await using deployment = await start(upstream.url)
      const startedAt = Date.now()
      const clients = crowd(deployment.urls, ADMIN_KEY)
      const use = async (model: string): Promise<Line[]> => {
        const asked = 1800 + (await clients.rushAndDrain(model, 1800))
        return ledgerOf(deployment.urls[0]!, model, asked)
      }
      const [requests, tokens, money] = [await use('requests'), await use('tokens'), await use('money')]
      await clients.close()
      await upstream.close()

      /** Buckets fill up evenly: what a test takes is a tiny part of a day. */
      const cameBack = (limit: number): number => Math.floor(((Date.now() - startedAt) * limit) / DAY)
      const served = requests.filter(isAnswered)
      expect(sum(served, 'requests')).toBeGreaterThanOrEqual(1000)
      expect(sum(served, 'requests')).toBeLessThanOrEqual(1000 + cameBack(1000))

      const usedTokens = sum(tokens, 'inputTokens') + sum(tokens, 'outputTokens')
      expect(usedTokens).toBe(sum(tokens.filter(isAnswered), 'requests') * TOKENS)
      expect(usedTokens).toBeLessThanOrEqual(100_000 + cameBack(100_000))
      expect(usedTokens).toBeGreaterThan(100_000 - ESTIMATE.tokens)

      const spent = sum(money, 'costNanoUsd')
      expect(spent).toBe(sum(money.filter(isAnswered), 'requests') * COST)
      expect(spent).toBeLessThanOrEqual(1e9)
      expect(spent).toBeGreaterThan(1e9 - ESTIMATE.cost)
    },
  )
})
