/** Roles below `/admin/v1/roles`. Their names are their ids. */
import { adminResource } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { GatewayError, invalidRequest } from '@sluice/core'
import type { Principal } from '@sluice/core'
import { grantsOf } from './grants.ts'
import type { RoleDefinition } from './grants.ts'
import type { RoleBook } from './role-book.ts'
import { Role } from './schemas.ts'

export function mountRoles(admin: AdminContext, roles: RoleBook): void {
  const requireCovered = ({ roles: own = [] }: Principal, role: RoleDefinition): void => {
    if (roles.rightsOf(own).covers(grantsOf(role))) return
    throw new GatewayError('permission_denied', 'This role permits what your own roles do not.', {
      param: 'permissions',
    })
  }
  adminResource(admin, {
    name: 'roles',
    title: 'role',
    idPrefix: 'role_',
    idOf: ({ name }) => name,
    schema: Role,
    beforeWrite: (role, { principal }, current) => {
      if (roles.isFixed(role.name))
        throw new GatewayError('conflict', `The role "${role.name}" is built in, or stands in the config.`, {
          param: 'name',
        })
      if (current && current.id !== role.name) throw invalidRequest('A role keeps its name.', 'name')
      if (current) requireCovered(principal, current.value)
      requireCovered(principal, role)
      return role
    },
    beforeDelete: ({ value }, { principal }) => requireCovered(principal, value),
  })
}
