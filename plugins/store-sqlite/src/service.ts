/** Opens the database as a service, which all processes of a gateway share. */
import { extname } from 'node:path'
import { GatewayError } from '@sluice/core'
import type { ServiceContext } from '@sluice/core/cluster'
import { claim } from './file.ts'
import type { Reader } from './reader.ts'
import { Refusal } from './refusal.ts'
import { SharedDatabase } from './shared-database.ts'
import { Thread } from './threads/thread.ts'
import type { Writer } from './writer.ts'

const EXTENSION = extname(import.meta.url)
const moduleOf = (thread: string): URL => new URL(`./threads/${thread}${EXTENSION}`, import.meta.url)

/**
 * @param now milliseconds since the epoch
 * @throws GatewayError `config_invalid` if the file cannot be used
 */
export default async function openDatabase(
  { file }: { file: string },
  context: ServiceContext,
  now: () => number = Date.now,
): Promise<SharedDatabase> {
  const release = await claim(file)
  const writer = new Thread<Writer>(moduleOf('writer-thread'), file)
  try {
    const saved = await writer.call('loadCounters', [now()])
    const reader = new Thread<Reader>(moduleOf('reader-thread'), file)
    return new SharedDatabase({ writer, reader, saved, release, context, now })
  } catch (error) {
    await writer.stop()
    release()
    throw error instanceof Refusal ? new GatewayError('config_invalid', error.message) : error
  }
}
