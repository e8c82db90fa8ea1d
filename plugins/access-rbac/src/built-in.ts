import type { RoleDefinition } from './grants.ts'

/** Roles that are always there. Nobody can change them. */
export const BUILT_IN: { readonly [role: string]: RoleDefinition & { description: string } } = {
  admin: { description: 'Everything.', permissions: ['*'] },
  operator: {
    description: 'Reads everything, runs the gateway and hands out keys; neither roles nor organisations.',
    permissions: [
      '*:read',
      ...['budgets', 'config', 'keys', 'limits', 'models', 'providers', 'teams', 'users'].map(
        (name) => `${name}:write`,
      ),
      'operation:*',
    ],
  },
  developer: {
    description: 'Uses all models; manages the keys and sees the usage of the own team.',
    permissions: ['keys:*@team', 'usage:read@team', 'models:read', 'operation:*'],
  },
  viewer: { description: 'Reads everything, and uses no model.', permissions: ['*:read'] },
  client: { description: 'Uses all models, and nothing else.', permissions: ['operation:*'] },
}
