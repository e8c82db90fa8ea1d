/** The shared files of AWS's tools (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html). */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { credentialsOf } from './credentials.ts'
import type { Finder } from './credentials.ts'

type Section = Map<string, string>

/**
 * The keys that stand in a profile of `~/.aws/credentials` or `~/.aws/config`. A profile that is asked
 * for by name must have some.
 */
export const fromProfile: Finder = async ({ environment, profile }) => {
  const named = profile ?? environment.AWS_PROFILE
  const name = named ?? 'default'
  const home = environment.HOME ?? homedir()
  const credentials = environment.AWS_SHARED_CREDENTIALS_FILE ?? join(home, '.aws', 'credentials')
  const config = environment.AWS_CONFIG_FILE ?? join(home, '.aws', 'config')
  const sections = [
    (await sectionsOf(credentials)).get(name),
    (await sectionsOf(config)).get(name === 'default' ? name : `profile ${name}`),
  ]
  const found = sections.find((section) => section?.has('aws_access_key_id'))
  if (found === undefined && named === undefined) return undefined
  if (found === undefined)
    throw new Error(`the profile "${name}" is not in ${credentials} or ${config}, or has no keys`)
  const fields = {
    accessKeyId: found.get('aws_access_key_id'),
    secretAccessKey: found.get('aws_secret_access_key'),
    sessionToken: found.get('aws_session_token'),
  }
  return credentialsOf(fields, `the profile "${name}"`)
}

/** The sections of a file by name; none if there is no such file. */
async function sectionsOf(path: string): Promise<Map<string, Section>> {
  const sections = new Map<string, Section>()
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new Error(`${path} cannot be read (${error.code})`)
  })
  let section: Section = new Map()
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1]
    if (heading !== undefined) sections.set(heading.replace(/\s+/, ' '), (section = new Map()))
    // An indented line belongs to a nested setting, of which none is of interest here.
    const setting = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
    if (setting) section.set(setting[1]!.toLowerCase(), setting[2]!)
  }
  return sections
}
