import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { acceptUpgrades, opensSocket } from '../src/upgrade.ts'

const server = createServer({ shouldUpgradeCallback: opensSocket })
const refuse = (response: ServerResponse): unknown => response.writeHead(400).end('no')
acceptUpgrades(server, (_request, response) => refuse(response))

let client: Socket
beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  client.destroy()
  server.close()
})

test('a client that never closes its side is cut off, but not at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const upgraded = once(server, 'upgrade') as Promise<[{ socket: Socket }]>
  client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n')
  const [{ socket }] = await upgraded
  await once(client.resume(), 'end')
  vi.advanceTimersByTime(4_999)
  expect(socket.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(socket.destroyed).toBe(true)
})

test('a client that closes its side leaves no timer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const upgraded = once(server, 'upgrade') as Promise<[{ socket: Socket }]>
  client.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n')
  const [{ socket }] = await upgraded
  if (!socket.destroyed) await once(socket, 'close')
  expect(vi.getTimerCount()).toBe(0)
})
