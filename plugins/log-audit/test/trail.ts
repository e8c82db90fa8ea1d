/** The parts of an audit trail, without a gateway around them. */
import type { AuditEvent } from '@sluice/admin-kit'
import type { JsonObject, Logger } from '@sluice/core'
import { GatewayError } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import { Chain } from '../src/chain.ts'
import { hasher } from '../src/row.ts'
import { Seal } from '../src/seal.ts'
import { Verifier } from '../src/verify.ts'
import { Writer } from '../src/writer.ts'
import { TestJournal } from './test-journal.ts'

const say = (): void => undefined
const LOG = { info: say, warn: say, error: say } as unknown as Logger

/** One record: where the end of the chain is noted. */
export function noteStore(): Store {
  let value: JsonObject | undefined
  let revision = 0
  return {
    get: () => Promise.resolve(value),
    find: () => Promise.resolve(value && { id: 'head', value, revision }),
    put(_: string, __: string, next: JsonObject, options: { revision?: number } = {}) {
      if (options.revision !== revision) return Promise.reject(new GatewayError('conflict', 'It has changed.'))
      value = next
      return Promise.resolve(++revision)
    },
  } as unknown as Store
}

export interface Trail {
  journal: TestJournal
  writer: Writer
  verifier: Verifier
  chain: Chain
  seal: Seal
}

/** As one process has it; others share its journal and its store. */
export function trailOf(journal = new TestJournal(), store = noteStore(), secret?: string): Trail {
  const hash = hasher(secret)
  const seal = new Seal(store, LOG)
  const chain = new Chain(journal, hash, (head) => seal.set(head))
  return { journal, chain, seal, writer: new Writer(chain, LOG), verifier: new Verifier(journal, hash, seal) }
}

export function event(n: number, fields: Partial<AuditEvent> = {}): AuditEvent {
  return { action: 'keys.create', actor: `user_${n % 3}`, subject: `key:key_${n}`, outcome: 'done', ...fields }
}
