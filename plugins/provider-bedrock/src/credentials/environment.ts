import { credentialsOf } from './credentials.ts'
import type { Finder } from './credentials.ts'

/** `AWS_ACCESS_KEY_ID` and its kin. */
export const fromEnvironment: Finder = ({ environment }) => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION } = environment
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return Promise.resolve(undefined)
  const fields = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
    expiration: AWS_CREDENTIAL_EXPIRATION,
  }
  return Promise.resolve(credentialsOf(fields, 'the environment'))
}
