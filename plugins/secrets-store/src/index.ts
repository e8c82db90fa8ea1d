/** `@sluice/secrets-store`: credentials kept in the gateway's own store, sealed. */
import { definePlugin, invalidRequest, Type } from '@sluice/core'
import { adminResource, Audit } from '@sluice/admin-kit'
import { Store } from '@sluice/store-kit'
import { COLLECTION, Safe } from './safe.ts'
import { Sealer } from './sealer.ts'

const closed = { additionalProperties: false }
const MasterKey = { minLength: 32 }

const SecretSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[\\w.-]{1,64}$', description: 'What configs call it: `secret("store:<name>")`.' }),
    value: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8192,
        writeOnly: true,
        description: 'The secret. It is never shown again.',
      }),
    ),
    description: Type.Optional(Type.String({ maxLength: 500, description: 'For people.' })),
  },
  closed,
)

/** Resolves `secret('store:<name>')`. */
export const sealedSecrets = definePlugin({
  name: 'secrets-store',
  version: '0.1.0',
  api: 1,
  requires: [Store],
  uses: [Audit],
  resolves: ['store'],
  options: Type.Object(
    {
      masterKey: Type.String({
        ...MasterKey,
        description: 'What all else is sealed with: 32 random characters at least.',
      }),
      previousKeys: Type.Optional(
        Type.Array(Type.String(MasterKey), {
          description: 'Earlier master keys. What was sealed with them is sealed anew at the start.',
        }),
      ),
    },
    closed,
  ),
  async setup({ options, get, find, router, addSecrets, gateway, log, onClose }) {
    const store = get(Store)
    const { masterKey, previousKeys = [] } = options
    const sealer = new Sealer('secrets', [masterKey, ...previousKeys])
    const safe = new Safe(store, sealer)
    const renewed = await safe.renew()
    if (renewed > 0) log.info({ renewed }, 'secrets were sealed anew with the master key in use')
    addSecrets('store', (address) => safe.read(address))

    const trouble = (err: unknown): void => log.error({ err }, 'a secret has changed, but cannot be used')
    onClose(safe.follow(() => void gateway.refresh().catch(trouble), trouble))

    adminResource(
      { router, store, audit: find(Audit) },
      {
        name: COLLECTION,
        title: 'secret',
        idPrefix: '',
        schema: SecretSchema,
        idOf: ({ name }) => name,
        view: ({ id, revision, value: { description } }) => {
          return { id, revision, name: id, ...(description !== undefined && { description }) }
        },
        beforeWrite({ name, value, description }, _call, current) {
          if (current && current.id !== name) throw invalidRequest('A secret keeps its name.', 'name')
          const sealed = value === undefined ? current?.value['sealed'] : sealer.seal(name, value)
          if (!sealed) throw invalidRequest('A new secret needs a value.', 'value')
          return { name, sealed, ...(description !== undefined && { description }) }
        },
      },
    )
  },
})
