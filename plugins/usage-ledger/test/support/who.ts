import { definePlugin, GatewayError } from '@sluice/core'

/**
 * Callers are what stands behind `Bearer`: `name`, `name@team`. Names that begin with `op` may see usage, those with
 * `lead` that of their team. `bad` is refused.
 */
export const who = definePlugin({
  name: 'test-who',
  version: '1.0.0',
  api: 1,
  setup({ hooks }) {
    hooks.authenticate.tap('bearer', ({ headers }) => {
      const [, name, team] = /^Bearer ([\w-]+)@?([\w-]*)$/.exec(headers.authorization ?? 'Bearer nobody') ?? []
      if (name === undefined || name === 'bad') throw new GatewayError('invalid_api_key', 'No.')
      const permissions = name.startsWith('op') ? ['usage:read'] : []
      if (name.startsWith('lead')) permissions.push('usage:read', 'usage:read@team')
      return {
        id: name,
        key: `key-${name}`,
        ...(team && { team }),
        user: `${name}@example.org`,
        organisation: 'org',
        tags: ['a', 'b'],
        permissions,
        metadata: { costCentre: 'x1', secret: 'no' },
      }
    })
  },
})
