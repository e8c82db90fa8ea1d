/** The records behind an `adminResource`. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, Principal, Static, TObject } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'
import type { AdminCall } from './contract.ts'
import { newId } from './ids.ts'
import { mayReach } from './own-team.ts'
import type { AdminResource } from './resource.ts'

export class Records<S extends TObject> {
  readonly #store: Store
  readonly #resource: AdminResource<S>

  constructor(store: Store, resource: AdminResource<S>) {
    this.#store = store
    this.#resource = resource
  }

  /** Those that the principal may see. @param after id that ended the page before */
  async list(principal: Principal, after: string | undefined, limit: number): Promise<StoredRecord[]> {
    const found: StoredRecord[] = []
    for (let last = after; ;) {
      const records = await this.#store.list(this.#resource.name, { limit, ...(last !== undefined && { after: last }) })
      found.push(...records.filter((record) => this.#reaches(principal, 'read', record)))
      if (found.length >= limit || records.length < limit) return found.slice(0, limit)
      last = records.at(-1)!.id
    }
  }

  /** The record of the path. @throws GatewayError `not_found`, or `precondition_failed` if it is not as in `If-Match` */
  async find({ params, ifMatch, principal }: AdminCall, action: 'read' | 'write' = 'write'): Promise<StoredRecord> {
    const { name, title } = this.#resource
    const id = params['id']!
    const record = await this.#store.find(name, id)
    if (!record || !this.#reaches(principal, action, record))
      throw new GatewayError('not_found', `There is no ${title} "${id}".`, { param: 'id' })
    if (ifMatch !== undefined && ifMatch !== record.revision) throw outdated(title)
    return record
  }

  /** @param current undefined for a new one */
  async write(
    input: Static<S>,
    call: AdminCall<unknown, Static<S>>,
    current: StoredRecord | undefined,
  ): Promise<StoredRecord> {
    const { name, title, idPrefix, idOf, beforeWrite } = this.#resource
    const value = beforeWrite ? await beforeWrite(input, call, current) : (input as JsonObject)
    const chosen = current ? undefined : idOf?.(input)
    const id = current?.id ?? chosen ?? newId(idPrefix)
    if (!this.#reaches(call.principal, 'write', { id, value, revision: 0 }))
      throw new GatewayError('permission_denied', 'You may write only what belongs to your own team.', {
        param: 'team',
      })
    if (chosen !== undefined && (await this.#store.find(name, id)))
      throw new GatewayError('conflict', `There is a ${title} "${id}" already.`, { param: 'id' })
    const revision = await this.#first(call, this.#store.put(name, id, value, { revision: current?.revision ?? 0 }))
    return { id, value, revision }
  }

  async remove(call: AdminCall): Promise<void> {
    const { name, beforeDelete } = this.#resource
    const record = await this.find(call)
    await beforeDelete?.(record, call)
    await this.#first(call, this.#store.delete(name, record.id, { revision: record.revision }))
  }

  #reaches(principal: Principal, action: 'read' | 'write', record: StoredRecord): boolean {
    const { name, permissions = name, teamOf } = this.#resource
    return !teamOf || mayReach(principal, `${permissions}:${action}`, teamOf(record))
  }

  /** What the store does, if nobody else was first. */
  async #first<T>({ ifMatch }: Pick<AdminCall, 'ifMatch'>, done: Promise<T>): Promise<T> {
    try {
      return await done
    } catch (error) {
      if (!GatewayError.is(error) || error.code !== 'conflict') throw error
      const { title } = this.#resource
      if (ifMatch !== undefined) throw outdated(title)
      throw new GatewayError('conflict', `Somebody else changed the ${title} at the same time. Read it and try again.`)
    }
  }
}

function outdated(title: string): GatewayError {
  return new GatewayError('precondition_failed', `The ${title} has changed since. Read it and try again.`)
}
