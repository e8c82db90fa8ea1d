import { readFile } from 'node:fs/promises'
import { credentialsOf } from './credentials.ts'
import type { Finder } from './credentials.ts'
import { fetchObject } from './fetch.ts'

const TIMEOUT = 5000
/** Where ECS listens within each container. */
const ECS = 'http://169.254.170.2'
/** Without TLS, a credential is fetched from the machine itself only: loopback, ECS, EKS. */
const LOCAL = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]|169\.254\.170\.(?:2|23)|\[fd00:ec2::23\])$/

/** The credentials of an ECS task, or of an EKS pod (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html). */
export const fromContainer: Finder = async ({ environment, endpoints }) => {
  const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  const full = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI
  const url = relative ? (endpoints.container ?? ECS) + relative : full
  if (!url) return undefined
  const { protocol, hostname, origin } = parse(url)
  if (protocol !== 'https:' && !LOCAL.test(hostname))
    throw new Error(`credentials are not fetched from ${origin} without TLS`)
  const token = await tokenFrom(environment)
  const reply = await fetchObject({ url, headers: token ? { authorization: token } : {}, timeout: TIMEOUT })
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = reply
  return credentialsOf(
    { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiration: Expiration },
    origin,
  )
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new Error('AWS_CONTAINER_CREDENTIALS_FULL_URI is no address')
  return new URL(url)
}

/** Read each time: EKS replaces the file. */
async function tokenFrom(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  if (!file) return environment.AWS_CONTAINER_AUTHORIZATION_TOKEN
  const token = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code})`)
  })
  return token.trim()
}
