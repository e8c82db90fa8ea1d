/** What holds of all limits whose rules are written through the admin API. */
import assert from 'node:assert/strict'
import type { JsonObject } from '@sluice/core'
import type { Asked } from './chat.ts'
import type { Callers } from './stand-ins.ts'

type Reply = { status: number; text: string }

export interface StoredRulesSubject {
  /** Of vitest or node:test. */
  test: (name: string, run: () => Promise<void>) => unknown
  /** Last part of the path, and what the permissions are for: `limits`. */
  path: string
  /** A gateway with a store that knows `callersOf(path)`. */
  open: () => Promise<AsyncDisposable & { gateway: Asked<Reply> }>
  /** One that is right. */
  rule: JsonObject
  /** Those that are wrong, and what their refusal says. */
  refused: readonly (readonly [rule: JsonObject, text: string])[]
}

/** `root` may do everything, `reader` may read the rules, and `alice` is there to be limited. */
export const callersOf = (path: string): Callers => ({
  root: { id: 'root', permissions: ['*'] },
  reader: { id: 'reader', permissions: [`${path}:read`] },
  alice: { id: 'alice', key: 'key_a', team: 'red', permissions: [] },
})

/** Asks the admin API; `more` is what follows `path`, e.g. the id of a rule. */
export const adminOf =
  (path: string) =>
  <R>(on: { gateway: Asked<R> }, method: string, more = '', body?: JsonObject, caller = 'root'): Promise<R> =>
    on.gateway.request(`/admin/v1/${path}${more}`, {
      method,
      headers: { authorization: caller },
      ...(body && { body }),
    })

/** Registers the tests: wrong rules are refused with a text that says why, and so is who has no permission. */
export function testStoredRules({ test, path, open, rule, refused }: StoredRulesSubject): void {
  const admin = adminOf(path)

  for (const [wrong, text] of refused) {
    test(`${JSON.stringify(wrong)} is refused`, async () => {
      await using on = await open()
      const reply = await admin(on, 'POST', '', wrong)
      assert.equal(reply.status, 400)
      assert.ok(reply.text.includes(text), reply.text)
    })
  }

  test('nobody reads or writes them without the permission', async () => {
    await using on = await open()
    const statuses = async (caller: string): Promise<number[]> => [
      (await admin(on, 'GET', '', undefined, caller)).status,
      (await admin(on, 'POST', '', rule, caller)).status,
    ]
    assert.deepEqual(await statuses('alice'), [403, 403])
    assert.deepEqual(await statuses('reader'), [200, 403])
    assert.deepEqual(await statuses('root'), [200, 201])
  })
}
