/** The secret under which keys are hashed: given, or made on the first start and kept in a file. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GatewayError } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Hasher } from './hasher.ts'
import { KEYS, META } from './collections.ts'

const BYTES = 32
const CHECK = 'pepper'

/**
 * The pepper in `file`, which is made if it is not there. Of several processes that start together, one makes it.
 * @throws GatewayError `config_invalid` if it cannot be read or written, or is not whole
 */
export async function pepperIn(file: string): Promise<Buffer> {
  try {
    return whole((await read(file)) ?? (await make(file)), file)
  } catch (error) {
    if (GatewayError.is(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new GatewayError(
      'config_invalid',
      `the pepper file ${file} cannot be read or made (${code}). Name a file that can be, as pepperFile, or give a pepper`,
      { cause: error },
    )
  }
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await readFile(file, 'utf8'), 'base64')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function make(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // A file appears whole under its name, or not at all, and never in place of another.
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const pepper = randomBytes(BYTES)
  await writeFile(draft, pepper.toString('base64'), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, file)
    return pepper
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return (await read(file))!
    throw error
  } finally {
    await rm(draft)
  }
}

function whole(pepper: Buffer, file: string): Buffer {
  if (pepper.length >= BYTES) return pepper
  throw new GatewayError('config_invalid', `the pepper file ${file} does not hold ${BYTES} bytes in base64`)
}

/**
 * Makes sure that the keys in the store were made with this pepper, and remembers it where there are none.
 * @throws GatewayError `config_invalid` if they were made with another one
 */
export async function checkPepper(store: Store, hasher: Hasher): Promise<void> {
  const { check } = hasher
  const known = await store.find(META, CHECK)
  if (known?.value['check'] === check) return
  if (known && (await store.list(KEYS, { limit: 1 })).length > 0) {
    throw new GatewayError(
      'config_invalid',
      'the keys in the store were made with another pepper, so that none of them would be recognised. Give the gateway the pepper (or the pepperFile) that it had, or delete the keys',
    )
  }
  try {
    await store.put(META, CHECK, { check }, { revision: known?.revision ?? 0 })
  } catch (error) {
    if (!GatewayError.is(error) || error.code !== 'conflict') throw error
    return checkPepper(store, hasher) // another process was quicker
  }
}
