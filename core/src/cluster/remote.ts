/** A worker's end of the services that the primary process holds. Calls of one turn of the event loop go as one message. */
import { errorOf, isMessage } from './messages.ts'
import type { Call, FromPrimary, FromWorker, Result } from './messages.ts'
import type { ServiceRequest } from './host.ts'
import type { Service, Shared, Use } from './service.ts'

const waiting = new Map<number, PromiseWithResolvers<unknown>>()
const listeners = new Map<string, Set<(event: unknown) => void>>()
let calls: Call[] = []
let lastId = 0

export function tell(message: FromWorker): void {
  process.send?.(message)
}

/** @param make the message, with an id under which it will be answered */
function ask(make: (id: number) => void): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>()
  waiting.set(++lastId, answer)
  make(lastId)
  return answer.promise
}

function call(service: string, method: string, args: unknown[]): Promise<unknown> {
  return ask((id) => {
    if (calls.length === 0) setImmediate(flush)
    calls.push({ id, service, method, args })
  })
}

function flush(): void {
  tell({ sluice: 'calls', calls })
  calls = []
}

function settle({ id, value, failure }: Result): void {
  const answer = waiting.get(id)
  waiting.delete(id)
  if (failure) answer?.reject(errorOf(failure))
  else answer?.resolve(value)
}

let attached = false
/** The primary's channel is listened to once a process, however many services it uses. */
function attach(): void {
  if (attached) return
  attached = true
  process.on('message', (message) => {
    if (!isMessage(message)) return
    const { sluice, ...rest } = message as FromPrimary & { results?: Result[]; service?: string; event?: unknown }
    if (sluice === 'results') for (const result of rest.results!) settle(result)
    if (sluice === 'event') for (const listener of listeners.get(rest.service!) ?? []) listener(rest.event)
  })
}

/** @throws whatever making the service throws in the primary */
export async function remoteService<T extends Service>(
  request: ServiceRequest,
  onClose: (dispose: () => Promise<void>) => void,
): Promise<Use<T>> {
  attach()
  const { name } = request
  const peer = crypto.randomUUID()
  const heard: ((event: unknown) => void)[] = []
  const listener = (event: unknown): void => heard.forEach((hear) => hear(event))
  const set = listeners.get(name) ?? new Set()
  listeners.set(name, set.add(listener))
  const methods = (await ask((id) => tell({ sluice: 'use', id, request, peer }))) as string[]
  onClose(async () => {
    set.delete(listener)
    await ask((id) => tell({ sluice: 'leave', id, service: name, peer }))
  })
  const entries = methods.map((method) => [method, (...args: unknown[]) => call(name, method, args)])
  return {
    service: Object.fromEntries(entries) as Shared<T>,
    peer,
    onEvent: (hear) => void heard.push(hear),
  }
}
