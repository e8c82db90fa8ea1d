/** What signs requests, and where it comes from. */

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** Milliseconds since the epoch; credentials without it hold for good. */
  expiresAt?: number
}

/** Credentials that hold now. */
export type CredentialSource = () => Promise<Credentials>

/** What credentials are looked for in. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv
  region: string
  /** The profile to take, and no other source. */
  profile?: string | undefined
  /** Addresses of AWS's own services, without a slash at the end. */
  endpoints: { sts?: string | undefined; container?: string | undefined; instance?: string | undefined }
}

/** One place to look in: undefined if there is nothing; throws an Error that says what was found and is no good. */
export type Finder = (surroundings: Surroundings) => Promise<Credentials | undefined>

/** @param fields as AWS's services and files name them @throws Error if it is not a whole pair of keys */
export function credentialsOf(
  { accessKeyId, secretAccessKey, sessionToken, expiration }: { [field: string]: unknown },
  where: string,
): Credentials {
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string' || !accessKeyId || !secretAccessKey)
    throw new Error(`${where} gave no access key id and secret access key`)
  const expiresAt = typeof expiration === 'string' ? Date.parse(expiration) : undefined
  if (Number.isNaN(expiresAt)) throw new Error(`${where} gave an expiration that is no date`)
  return {
    accessKeyId,
    secretAccessKey,
    ...(typeof sessionToken === 'string' && sessionToken && { sessionToken }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}
