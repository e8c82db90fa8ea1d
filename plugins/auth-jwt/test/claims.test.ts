import { describe, expect, test } from 'vitest'
import { claimsReader } from '../src/claims.ts'
import type { Options } from '../src/options.ts'

const BASE = { issuer: 'https://issuer.example', audience: ['gateway'] }
const read = (options: Partial<Options>, claims: object) =>
  claimsReader({ ...BASE, ...options }, 'sso')({ sub: 'ann', ...claims })

describe('claims', () => {
  test('make a principal with a user, and nothing else that was not asked for', () => {
    expect(read({}, { roles: ['admin'], team: 'x', limits: { requests: '1/s' } })).toEqual({
      id: 'sso:ann',
      name: 'ann',
      user: 'ann',
      tags: [],
      roles: [],
      permissions: [],
      scopes: [{ kind: 'user', id: 'ann', sections: {} }],
      metadata: { issuer: BASE.issuer },
    })
  })

  test('say who, where and how much, under the names that the config gives', () => {
    const claims = {
      subject: 'oid',
      name: 'profile.display',
      user: 'email',
      team: 'https://example.com/team',
      organisation: 'org.id',
      tags: 'groups',
      limits: 'gateway.limits',
      budget: 'gateway.budget',
    }
    const principal = read(
      { claims },
      {
        oid: '17',
        profile: { display: 'Ann' },
        email: 'ann@example.com',
        'https://example.com/team': 'research',
        org: { id: 7 },
        groups: 'a b',
        gateway: { limits: { requests: '10/min' }, budget: { amount: 5, period: 'day' } },
      },
    )
    expect(principal).toMatchObject({
      id: 'sso:17',
      name: 'Ann',
      user: 'ann@example.com',
      team: 'research',
      organisation: '7',
      tags: ['a', 'b'],
      scopes: [
        {
          kind: 'user',
          id: 'ann@example.com',
          sections: { limits: { requests: '10/min' }, budget: { amount: 5, period: 'day' } },
        },
      ],
    })
  })

  test('name a client where there is no user', () => {
    expect(claimsReader(BASE, 'sso')({ client_id: 'robot' })).toMatchObject({ id: 'sso:robot', user: 'robot' })
  })

  test.each([
    [{}, { roles: ['admin'] }, []],
    [{ claims: { roles: 'roles' } }, { roles: ['operator', 'operator'] }, ['operator']],
    [{ claims: { roles: 'realm_access.roles' } }, { realm_access: { roles: ['viewer'] } }, ['viewer']],
    [{ claims: { roles: 'scope' } }, { scope: 'viewer client' }, ['viewer', 'client']],
    [
      { claims: { roles: 'roles' }, roleMap: { boss: ['admin', 'client'] } },
      { roles: ['boss', 'admin-of-mail'] },
      ['admin', 'client'],
    ],
    [{ claims: { roles: 'roles' }, roleMap: { boss: ['admin'] } }, { roles: ['constructor', 'toString'] }, []],
    [{ claims: { roles: 'roles' }, defaultRole: 'client' }, {}, ['client']],
    [{ claims: { roles: 'roles' }, defaultRole: 'client' }, { roles: ['viewer'] }, ['viewer']],
    [{ claims: { roles: 'roles' } }, { roles: { admin: true } }, []],
    [{ claims: { roles: 'roles' } }, { roles: [['admin'], null, Infinity] }, []],
  ])('with %j, of %j, give the roles %j', (options, claims, roles) => {
    expect(read(options as Partial<Options>, claims).roles).toEqual(roles)
  })

  test.each(['', 'x'.repeat(257), 'two\nlines', null, {}, ['ann']])('with the subject %j make nobody', (sub) => {
    expect(() => read({}, { sub })).toThrow(expect.objectContaining({ code: 'invalid_api_key' }))
  })

  test.each(['__proto__', 'constructor.name', 'a.__proto__.b', 'sub.length'])(
    'that only objects have are none: %s',
    (path) => {
      expect(read({ claims: { team: path } }, { a: {} }).team).toBeUndefined()
    },
  )

  test.each([{ requests: 'many' }, { requestz: '1/s' }, 'none', []])(
    'with limits %j are refused: they may not be lost',
    (limits) => {
      expect(() => read({ claims: { limits: 'limits' } }, { limits })).toThrow(
        expect.objectContaining({ code: 'permission_denied' }),
      )
    },
  )

  test('that are very many are cut', () => {
    const roles = Array.from({ length: 1000 }, (_, index) => `role-${index}`)
    expect(read({ claims: { roles: 'roles' } }, { roles }).roles).toHaveLength(100)
  })
})
