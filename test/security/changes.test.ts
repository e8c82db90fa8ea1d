/** Operators who change the same thing at the same time. */
import type { JsonObject } from '@sluice/core'
import type { TestReply } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_KEY, openHouse } from './support/house.ts'
import type { House } from './support/house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house[Symbol.asyncDispose]())

describe('changes of one record at the same time', () => {
  /** Without a body it is a deletion. */
  const change = (id: string, revision: number | undefined, body?: JsonObject): Promise<TestReply> => {
    const seen: { [name: string]: string } = revision === undefined ? {} : { 'if-match': `"${revision}"` }
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...seen }
    return house.gateway.request(
      `/admin/v1/keys/${id}`,
      body ? { method: 'PATCH', headers, body } : { method: 'DELETE', headers },
    )
  }
  const many = async (make: (index: number) => Promise<TestReply>): Promise<{ status: number; body: JsonObject }[]> => {
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => make(index)))
    return replies.map((reply) => ({ status: reply.status, body: reply.json() }))
  }

  test('by those who have seen the same revision: one is made', async () => {
    const { id, revision } = await house.make()
    let current = revision
    for (let round = 0; round < 5; round++) {
      const replies = await many((index) => change(id, current, { name: `${round}-${index}` }))
      const made = replies.filter(({ status }) => status === 200)
      expect(replies.filter(({ status }) => status === 412)).toHaveLength(49)
      expect(made).toHaveLength(1)
      const now = (await house.call('GET', `/admin/v1/keys/${id}`)).json()
      expect(now).toEqual(made[0]!.body)
      expect(now['revision']).toBe(++current)
    }
  })

  test('by those who have not looked: none is lost unsaid', async () => {
    const { id, revision } = await house.make()
    const replies = await many((index) => change(id, undefined, { metadata: { [`field-${index}`]: index } }))
    const made = replies.filter(({ status }) => status === 200)
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(50 - made.length)
    const now = (await house.call('GET', `/admin/v1/keys/${id}`)).json()
    expect([now['revision'], Object.keys(now['metadata'] as object)]).toEqual([
      revision + made.length,
      expect.any(Array),
    ])
    expect(Object.keys(now['metadata'] as object)).toHaveLength(made.length)
  })

  test('with deletions among them: what is gone stays so', async () => {
    const { id, revision } = await house.make()
    const changes = Array.from({ length: 50 }, (_, index) =>
      change(id, revision, index % 2 ? { name: 'x' } : undefined),
    )
    const replies = await Promise.all(changes)
    const done = replies.filter(({ status }) => status < 300)
    expect(done).toHaveLength(1)
    const { status } = await house.call('GET', `/admin/v1/keys/${id}`)
    expect(status).toBe(done[0]!.status === 204 ? 404 : 200)
  })

  test('that are one and the same request, sent again: one record is made', async () => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'idempotency-key': 'the-same' }
    const replies = await many(() => house.gateway.request('/admin/v1/teams', { headers, body: { name: 'once' } }))
    const ids = new Set(replies.flatMap(({ status, body }) => (status === 201 ? [body['id']] : [])))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(ids.size).toBe(1)
    const teams = (await house.call('GET', '/admin/v1/teams')).json()['data'] as { name: string }[]
    expect(teams.filter(({ name }) => name === 'once')).toHaveLength(1)
  })
})
