/** Finds AWS credentials where AWS's own SDKs find them. */
import { fromContainer } from './container.ts'
import type { Credentials, Finder, Surroundings } from './credentials.ts'
import { fromEnvironment } from './environment.ts'
import { fromInstance } from './instance.ts'
import { fromProfile } from './profile.ts'
import { fromWebIdentity } from './web-identity.ts'

export type { Credentials, CredentialSource, Surroundings } from './credentials.ts'
export { refreshed } from './refreshed.ts'

const FINDERS: readonly Finder[] = [fromEnvironment, fromProfile, fromWebIdentity, fromContainer, fromInstance]

/** The first that there are; a profile that was asked for is the only place. @throws Error if there are none, or none that are whole */
export async function findCredentials(surroundings: Surroundings): Promise<Credentials> {
  const finders = surroundings.profile === undefined ? FINDERS : [fromProfile]
  for (const find of finders) {
    const found = await find(surroundings)
    if (found !== undefined) return found
  }
  throw new Error('there are no AWS credentials in the environment, in a profile, or from a service of AWS')
}
