import { isIP } from 'node:net'
import { createClient } from '@redis/client'
import { tlsOf } from '@sluice/store-kit'
import type { ServerTls } from '@sluice/store-kit'

/** Milliseconds between looks at an idle connection, and most that it may be silent: a frozen server says nothing. */
const PING_INTERVAL = 1_000
const SILENCE = 2_500
/** Milliseconds between two attempts to connect, at first and at most. */
const RECONNECT_PAUSE = 25
const LONGEST_PAUSE = 400
/** Calls that may wait for an answer. */
const QUEUE = 20_000

export interface ClientOptions {
  url: URL
  /** Milliseconds. */
  connectTimeout: number
  tls: ServerTls | undefined
}

export type Client = ReturnType<typeof clientOf>

/** A client of the library that connects again for ever, keeps no calls for later, and notices a silent server. */
export function clientOf({ url, connectTimeout, tls }: ClientOptions) {
  const socket = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    connectTimeout,
    socketTimeout: SILENCE,
    // The library's own one gives up for good on a silent connection.
    reconnectStrategy: (retries: number) => Math.min(RECONNECT_PAUSE * 2 ** retries, LONGEST_PAUSE),
  }
  // An address is no name for TLS (RFC 6066, section 3).
  const name = isIP(socket.host) === 0 ? { servername: socket.host } : {}
  const secure = { ...name, ...tlsOf(tls ?? {}), ...socket, tls: true as const }
  return createClient({
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    database: Number(url.pathname.slice(1)),
    socket: url.protocol === 'rediss:' ? secure : socket,
    disableOfflineQueue: true,
    commandsQueueMaxLength: QUEUE,
    pingInterval: PING_INTERVAL,
    // A deadline is kept by the caller, at a tenth of the cost.
    commandOptions: { timeout: 0 },
    maintNotifications: 'disabled',
    disableClientInfo: true,
  })
}
