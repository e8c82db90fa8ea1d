import { accessSync, constants, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe } from '@sluice/core'

/** The directory, made if there is none. @throws Error that says what is wrong with it */
export function writable(directory: string): string {
  const path = resolve(directory)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new Error(`options.spool: "${directory}" cannot be written: ${describe(error)}`)
  }
  return path
}
