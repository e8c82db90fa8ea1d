import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers, expand, grantsOf, reachOf } from '../src/grants.ts'
import type { RoleDefinition } from '../src/grants.ts'

const RESOURCES = ['keys', 'teams', 'usage', 'roles']
const ROUTES = RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`])
const OPERATIONS = ['chat', 'embeddings', 'rerank']
const MODELS = ['gpt-5', 'gpt-5-mini', 'claude', 'openai/gpt-5', 'a', 'aa']

const route = fc
  .tuple(fc.constantFrom('*', ...RESOURCES), fc.constantFrom('*', 'read', 'write'), fc.constantFrom('', '@team'))
  .map(([resource, action, reach]) => `${resource}:${action}${reach}`)
const glob = fc.oneof(
  fc.constantFrom(...MODELS),
  fc
    .array(fc.constantFrom('*', 'a', 'gpt', '-5', '/'), { minLength: 1, maxLength: 4 })
    .map((pieces) => pieces.join('')),
)
const operation = fc.constantFrom('*', ...OPERATIONS)
const permission = fc.oneof(
  { arbitrary: route, weight: 5 },
  { arbitrary: glob.map((each) => `model:${each}`), weight: 2 },
  { arbitrary: operation.map((each) => `operation:${each}`), weight: 2 },
  { arbitrary: fc.constant('*'), weight: 1 },
)
const role: fc.Arbitrary<RoleDefinition> = fc.record(
  {
    permissions: fc.array(permission, { maxLength: 4 }),
    models: fc.array(glob, { maxLength: 2 }),
    operations: fc.array(operation, { maxLength: 2 }),
  },
  { requiredKeys: ['permissions'] },
)
const roles = fc.array(role, { maxLength: 3 })
const held = (definitions: readonly RoleDefinition[]) => definitions.map(grantsOf)

/** Everything that a list of roles lets one do, tried one by one. */
function deeds(definitions: readonly RoleDefinition[], models: readonly string[] = MODELS): Set<string> {
  const grants = held(definitions)
  const done = new Set<string>()
  for (const each of ROUTES) {
    const reach = reachOf(grants, each)
    if (reach !== undefined) done.add(`${each} of the team`)
    if (reach === 'all') done.add(`${each} of all`)
  }
  for (const operation of OPERATIONS)
    for (const model of models)
      if (grants.some((one) => one.mayUse(operation, model))) done.add(`${operation} ${model}`)
  return done
}

describe('the algebra of permissions', () => {
  test('more roles never permit less', () => {
    fc.assert(
      fc.property(roles, roles, (some, more) => {
        expect(deeds([...some, ...more]).isSupersetOf(deeds(some))).toBe(true)
      }),
    )
  })

  test('roles together permit what each of them does, and nothing else', () => {
    fc.assert(
      fc.property(roles, (all) => {
        const each = all.map((one) => deeds([one])).reduce((sum, one) => sum.union(one), new Set())
        expect(deeds(all)).toEqual(each)
      }),
    )
  })

  test('a role that is covered permits nothing beyond what covers it', () => {
    fc.assert(
      fc.property(roles, role, (some, wanted) => {
        fc.pre(covers(held(some), grantsOf(wanted)))
        // Each glob of the wanted role with its stars filled in, too.
        const patterns = grantsOf(wanted).models.flatMap((each) => [
          each.replaceAll('*', 'zz'),
          each.replaceAll('*', ''),
        ])
        const models = [...MODELS, ...patterns]
        expect(deeds(some, models).isSupersetOf(deeds([wanted], models))).toBe(true)
      }),
    )
  })

  test('a role that is not covered permits something more', () => {
    fc.assert(
      fc.property(roles, role, (some, wanted) => {
        const grants = grantsOf(wanted)
        fc.pre(!covers(held(some), grants))
        const others = ['@', 'other']
        const beyond = (permission: string): boolean => {
          const [resource, action] = permission.split(':')
          return (resource === '*' ? [...RESOURCES, 'unheard-of'] : [resource]).some((each) => {
            const rank = (list: readonly RoleDefinition[]) =>
              ['undefined', 'team', 'all'].indexOf(String(reachOf(held(list), `${each}:${action}`)))
            return rank([wanted]) > rank(some)
          })
        }
        const routes = [...grants.routes, ...grants.team].some(beyond)
        const uses = (list: readonly RoleDefinition[]) =>
          deeds(list, [...MODELS, ...others, ...grants.models.map((each) => each.replaceAll('*', '@'))])
        const anyOperation = grants.operations.includes('*')
        expect(grants.everything || routes || anyOperation || !uses(some).isSupersetOf(uses([wanted]))).toBe(true)
      }),
    )
  })

  test('every list of roles covers each of its roles', () => {
    fc.assert(
      fc.property(roles, (all) => {
        for (const one of all) expect(covers(held(all), grantsOf(one))).toBe(true)
      }),
    )
  })

  test('covering is transitive', () => {
    fc.assert(
      fc.property(role, role, role, (a, b, c) => {
        fc.pre(covers([grantsOf(a)], grantsOf(b)) && covers([grantsOf(b)], grantsOf(c)))
        expect(covers([grantsOf(a)], grantsOf(c))).toBe(true)
      }),
    )
  })
})

describe('a permission', () => {
  test.each([
    ['keys:read', 'keys:read', 'all'],
    ['keys:read', 'keys:write', undefined],
    ['keys:*', 'keys:write', 'all'],
    ['*:read', 'audit:read', 'all'],
    ['*:read', 'audit:write', undefined],
    ['*:*', 'audit:write', 'all'],
    ['keys:*@team', 'keys:write', 'team'],
    ['*:read@team', 'usage:read', 'team'],
    ['*', 'anything-at-all', 'all'],
    ['model:*', 'model:read', undefined],
    ['operation:*', 'keys:read', undefined],
  ])('"%s" reaches %s: %s', (permission, route, reach) => {
    expect(reachOf([grantsOf({ permissions: [permission] })], route)).toBe(reach)
  })

  test.each([
    '',
    'keys',
    'keys:delete',
    'Keys:read',
    'keys:read@org',
    'model:',
    'keys:read ',
    '*:',
    ':read',
    'a:b:read',
  ])('"%s" is none', (permission) => {
    expect(() => grantsOf({ permissions: [permission] })).toThrow(RangeError)
  })

  test('of the own team is told from one of all, and loses beside it', () => {
    const known = ['keys:read', 'keys:write', 'usage:read']
    const own = grantsOf({ permissions: ['keys:*@team'] })
    expect(expand([own], known)).toEqual(['keys:read', 'keys:read@team', 'keys:write', 'keys:write@team'])
    expect(expand([own, grantsOf({ permissions: ['*:read'] })], known)).toEqual([
      'keys:read',
      'keys:write',
      'keys:write@team',
      'usage:read',
    ])
  })
})

describe('the use of models', () => {
  test.each([
    [{ permissions: ['keys:*'] }, 'chat', 'gpt-5', false],
    [{ permissions: ['operation:chat'] }, 'chat', 'gpt-5', true],
    [{ permissions: ['operation:chat'] }, 'embeddings', 'gpt-5', false],
    [{ models: ['gpt-*'] }, 'embeddings', 'gpt-5', true],
    [{ models: ['gpt-*'] }, 'embeddings', 'openai/gpt-5', false],
    [{ permissions: ['model:claude'], models: ['gpt-*'], operations: ['chat'] }, 'chat', 'claude', true],
    [{ permissions: ['*'], models: ['gpt-*'], operations: ['chat'] }, 'rerank', 'claude', true],
    [{}, 'chat', 'gpt-5', false],
  ])('of %j: %s with %s is %s', (definition: RoleDefinition, operation, model, may) => {
    expect(grantsOf(definition).mayUse(operation, model)).toBe(may)
  })

  test('is not widened by putting an operation of one role and a model of another together', () => {
    const both = held([
      { operations: ['chat'], models: ['gpt-*'] },
      { operations: ['embeddings'], models: ['embed-*'] },
    ])
    const may = (operation: string, model: string) => both.some((each) => each.mayUse(operation, model))
    expect([may('chat', 'gpt-5'), may('embeddings', 'embed-3')]).toEqual([true, true])
    expect([may('chat', 'embed-3'), may('embeddings', 'gpt-5')]).toEqual([false, false])
    expect(covers(both, grantsOf({ operations: ['chat'], models: ['embed-3'] }))).toBe(false)
  })
})
