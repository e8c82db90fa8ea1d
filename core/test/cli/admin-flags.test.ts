import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandsOf } from '../../src/cli/admin-commands.ts'
import { readArguments, splitGlobals } from '../../src/cli/admin-flags.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { command, DOCUMENT } from './admin-document.ts'

test('paths are resources and verbs', () => {
  const all = [...commandsOf(DOCUMENT)].flatMap(([name, commands]) =>
    commands.map(({ verb, method, path }) => `${name} ${verb}: ${method} ${path}`),
  )
  expect(all).toEqual([
    'keys list: get /admin/v1/keys',
    'keys create: post /admin/v1/keys',
    'keys get: get /admin/v1/keys/{id}',
    'keys update: patch /admin/v1/keys/{id}',
    'keys replace: put /admin/v1/keys/{id}',
    'keys delete: delete /admin/v1/keys/{id}',
    'keys rotate: post /admin/v1/keys/{id}/rotate',
    'keys members: get /admin/v1/keys/{id}/members',
    'keys members-create: post /admin/v1/keys/{id}/members',
    'audit verify: get /admin/v1/audit/verify',
    'usage rows: get /admin/v1/usage/rows',
    'me get: get /admin/v1/me',
  ])
})

const words = (line: string): string[] => line.split(' ').filter(Boolean)

describe('flags of a body', () => {
  test.each([
    ['--name ci', { name: 'ci' }],
    ['--name=ci=x', { name: 'ci=x' }],
    ['--models gpt-*,claude-*', { models: ['gpt-*', 'claude-*'] }],
    ['--models a --models b,c', { models: ['a', 'b', 'c'] }],
    ['--models ["a,b"]', { models: ['a,b'] }],
    ['--models=', { models: [] }],
    ['--ports 1,2', { ports: [1, 2] }],
    ['--limits.requests 10/min --limits.concurrency 3', { limits: { requests: '10/min', concurrency: 3 } }],
    ['--limits.deep.er x', { limits: { deep: { er: 'x' } } }],
    ['--limits {"requests":"1/s"} --limits.concurrency 2', { limits: { requests: '1/s', concurrency: 2 } }],
    ['--budget.amount 0.5 --budget.period day', { budget: { amount: 0.5, period: 'day' } }],
    ['--budget.amount -1', { budget: { amount: -1 } }],
    ['--disabled', { disabled: true }],
    ['--disabled false', { disabled: false }],
    ['--disabled=true', { disabled: true }],
    ['--no-disabled', { disabled: false }],
    ['--expires-at 2027', { expiresAt: '2027' }],
    ['--ttl 5', { ttl: 5 }],
    ['--ttl 5m', { ttl: '5m' }],
    ['--window {"a":1}', { window: { a: 1 } }],
    ['--window 1d', { window: '1d' }],
    ['--period day', { period: 'day' }],
    ['--metadata.team-name red --metadata.a.b c', { metadata: { 'team-name': 'red', 'a.b': 'c' } }],
    ['--weights.echo 2', { weights: { echo: 2 } }],
    ['--rules [{"a":1}]', { rules: [{ a: 1 }] }],
  ])('%s', (line, body) => {
    expect(readArguments(command('keys', 'create'), words(line))).toEqual({ params: [], query: [], headers: {}, body })
  })

  test('come on top of a whole body', () => {
    const { body } = readArguments(
      command('keys', 'create'),
      ['--name', 'b'],
      '{"name":"a","limits":{"requests":"1/s"}}',
    )
    expect(body).toEqual({ name: 'b', limits: { requests: '1/s' } })
  })

  test('come on top of a body in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-'))
    const file = join(folder, 'body.json')
    writeFileSync(file, '{"name":"a"}')
    expect(readArguments(command('keys', 'create'), ['--disabled'], `@${file}`).body).toEqual({
      name: 'a',
      disabled: true,
    })
    rmSync(folder, { recursive: true })
  })

  test('that take a field away', () => {
    const given = readArguments(command('keys', 'update'), words('key_1 --unset limits.requests --unset budget'))
    expect(given.body).toEqual({ limits: { requests: null }, budget: null })
  })
})

test('flags of a query, and words for the path', () => {
  expect(readArguments(command('keys', 'list'), words('--limit 5 --tag a,b --tag c')).query).toEqual([
    ['limit', '5'],
    ['tag', 'a'],
    ['tag', 'b'],
    ['tag', 'c'],
  ])
  expect(readArguments(command('keys', 'get'), ['key_1'])).toEqual({ params: ['key_1'], query: [], headers: {} })
})

test('flags of headers; a bare revision is quoted', () => {
  const update = command('keys', 'update')
  expect(readArguments(update, words('key_1 --if-match 3')).headers).toEqual({ 'if-match': '"3"' })
  expect(readArguments(update, words('key_1 --if-match "3"')).headers).toEqual({ 'if-match': '"3"' })
  expect(readArguments(command('keys', 'create'), words('--idempotency-key k1')).headers).toEqual({
    'idempotency-key': 'k1',
  })
})

describe('wrong usage', () => {
  test.each([
    ['create', '--nam ci', /--nam\. Did you mean "--name"/],
    ['create', '--limits.request 1', /Did you mean "--limits.requests"/],
    ['create', '--no-name', /no flag|needs a value/],
    ['create', '--name', /--name needs a value/],
    ['create', '--name --disabled', /--name needs a value/],
    ['create', '--limits.concurrency many', /integer, not "many"/],
    ['create', '--ports 1,x', /integer, not "x"/],
    ['create', '--limits.concurrency 0x10', /integer/],
    ['create', '--disabled=maybe', /boolean/],
    ['create', '--rules x', /object/],
    ['create', '--limits {"a', /JSON/],
    ['create', 'ci', /one argument too many/],
    ['get', '', /needs <id>/],
    ['get', 'a b', /"b" is one argument too many/],
    ['get', 'a --name x', /has no flag --name/],
    ['get', 'a --unset name', /has no flag --unset/],
  ])('sluice keys %s %s', (verb, line, message) => {
    const read = (): unknown => readArguments(command('keys', verb), words(line))
    expect(read).toThrow(UsageError)
    expect(read).toThrow(message)
  })

  test('a body that is none', () => {
    expect(() => readArguments(command('keys', 'create'), [], '[1]')).toThrow(/JSON object/)
    expect(() => readArguments(command('keys', 'create'), [], '{')).toThrow(UsageError)
    expect(() => readArguments(command('keys', 'create'), [], '@/nowhere/at/all')).toThrow(UsageError)
    expect(() => readArguments(command('keys', 'get'), ['a'], '{}')).toThrow(/takes no body/)
  })

  test('a name that reaches for the prototype changes nothing', () => {
    const { body } = readArguments(command('keys', 'create'), ['--metadata.__proto__', 'x'])
    expect(Object.keys(body!['metadata'] as object)).toEqual(['__proto__'])
    expect(({} as { x?: string }).x).toBeUndefined()
  })
})

describe('flags of all commands', () => {
  test('stand anywhere, and win over the environment', () => {
    const environment = { SLUICE_URL: 'http://a', SLUICE_ADMIN_KEY: 'k' }
    const line = words('keys --output json create --name x --url=http://b --json {"a":"--key"} -h')
    expect(splitGlobals(line, environment)).toEqual({
      globals: { url: 'http://b', key: 'k', output: 'json', json: '{"a":"--key"}', help: true },
      rest: ['keys', 'create', '--name', 'x'],
    })
  })

  test('have defaults', () => {
    expect(splitGlobals([], {}).globals).toEqual({
      url: 'http://127.0.0.1:8080',
      key: undefined,
      output: 'text',
      help: false,
    })
  })

  test.each([['--output xml'], ['--key'], ['--url --help']])('%s is wrong', (line) => {
    expect(() => splitGlobals(words(line), {})).toThrow(UsageError)
  })
})
