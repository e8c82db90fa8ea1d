/** `@sluice/secrets-vault`: credentials and other options from HashiCorp Vault. */
import { definePlugin, Duration, milliseconds, Type } from '@sluice/core'
import { VaultClient } from './vault-client.ts'
import type { SignIn } from './vault-client.ts'
import { WatchedFields } from './watched.ts'

const closed = { additionalProperties: false }

/** Resolves `secret('vault:<mount>/<path>#<field>')`. */
export const vaultSecrets = definePlugin({
  name: 'secrets-vault',
  version: '0.1.0',
  api: 1,
  resolves: ['vault'],
  options: Type.Object(
    {
      url: Type.String({ pattern: '^https?://', description: 'Address of Vault, without `/v1`.' }),
      token: Type.Optional(Type.String({ minLength: 1, description: 'A token to read with.' })),
      appRole: Type.Optional(
        Type.Object(
          {
            roleId: Type.String({ description: 'Of the AppRole.' }),
            secretId: Type.String({ description: 'Of the AppRole.' }),
            mount: Type.Optional(Type.String({ default: 'approle', description: 'Where the method is mounted.' })),
          },
          { ...closed, description: 'Sign in by AppRole, in place of a token.' },
        ),
      ),
      kubernetes: Type.Optional(
        Type.Object(
          {
            role: Type.String({ description: "Vault's role for the service account." }),
            jwtFile: Type.Optional(
              Type.String({
                default: '/var/run/secrets/kubernetes.io/serviceaccount/token',
                description: "File with the service account's token.",
              }),
            ),
            mount: Type.Optional(Type.String({ default: 'kubernetes', description: 'Where the method is mounted.' })),
          },
          { ...closed, description: 'Sign in by the service account of a pod, in place of a token.' },
        ),
      ),
      namespace: Type.Optional(Type.String({ description: 'Namespace, in editions that have them.' })),
      timeout: Type.Optional(Duration('Time that one call may take.', '5s')),
      refresh: Type.Optional(Duration('How often secrets are looked at again; `0ms` for never.', '1m')),
    },
    closed,
  ),
  setup({ options, addSecrets, gateway, log, onClose }) {
    const { url, namespace, timeout = '5s', refresh = '1m' } = options
    const client = new VaultClient({ url, namespace, signIn: signInOf(options), timeout: milliseconds(timeout) })
    const fields = new WatchedFields(client)
    addSecrets('vault', (address) => fields.read(address))
    const every = milliseconds(refresh)
    if (every === 0) return
    const look = async (): Promise<void> => {
      if (await fields.changed(log)) await gateway.refresh()
    }
    const timer = setInterval(() => {
      look().catch((err: unknown) => log.error({ err }, 'a secret has changed, but cannot be used'))
    }, every).unref()
    onClose(() => clearInterval(timer))
  },
})

type Ways = {
  token?: string
  appRole?: { roleId: string; secretId: string; mount?: string }
  kubernetes?: { role: string; jwtFile?: string; mount?: string }
}

function signInOf({ token, appRole, kubernetes }: Ways): SignIn {
  const ways: (SignIn | undefined)[] = [
    token === undefined ? undefined : { token },
    appRole && { ...appRole, mount: appRole.mount ?? 'approle' },
    kubernetes && {
      role: kubernetes.role,
      mount: kubernetes.mount ?? 'kubernetes',
      jwtFile: kubernetes.jwtFile ?? '/var/run/secrets/kubernetes.io/serviceaccount/token',
    },
  ]
  const [way, another] = ways.filter((each) => each !== undefined)
  if (!way || another) throw new Error('name one way to sign in: token, appRole or kubernetes')
  return way
}
