import type { PoolConfig } from 'pg'
import { serverUrl, tlsOf } from '@sluice/store-kit'
import type { Options } from './options.ts'

/** How `pg` is told where the server is. @throws GatewayError `config_invalid` without what is in the url */
export function addressOf({ url: text, password, tls }: Options): PoolConfig & { about: string } {
  const url = serverUrl(text, ['postgres', 'postgresql'], password)
  const mode = url.searchParams.get('sslmode')
  // The library reads it in a way of its own, which changes with its version.
  url.searchParams.delete('sslmode')
  const isPlain = mode === 'disable' || (mode === null && tls === undefined)
  return {
    connectionString: url.href,
    ssl: isPlain ? false : tlsOf(tls ?? {}),
    application_name: 'sluice',
    // Counters are exact only where a statement sees what was written while it waited for its turn.
    options: '-c default_transaction_isolation=read\\ committed',
    about: `${url.host}${url.pathname}`,
  }
}
