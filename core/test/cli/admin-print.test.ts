import { describe, expect, test } from 'vitest'
import { commandsOf } from '../../src/cli/admin-commands.ts'
import { describeCommand, describeResource, describeResources } from '../../src/cli/admin-help.ts'
import { shownReply } from '../../src/cli/admin-print.ts'
import { command, DOCUMENT } from './admin-document.ts'

const shown = (body: Parameters<typeof shownReply>[0]['body']): string =>
  // oxlint-disable-next-line no-control-regex -- what colours a terminal
  shownReply({ body }, 'text').replaceAll(/\u001b\[\d+m/g, '')

describe('a reply', () => {
  test('that is a page is a table; what no row has, has no column', () => {
    const data = [
      { tags: ['a', 'b'], name: 'ci', id: 'key_1', team: null, limits: { requests: '1/s' } },
      { tags: [], name: 'production', id: 'key_22', team: null },
    ]
    expect(shown({ data, next: 'abc' })).toBe(
      [
        'id      name        tags  limits',
        'key_1   ci          a, b  {"requests":"1/s"}',
        'key_22  production',
        'There are more: --cursor abc',
      ].join('\n'),
    )
  })

  test('that is an empty page says so', () => {
    expect(shown({ data: [], next: null })).toContain('There are none.')
  })

  test('that is an object is lines', () => {
    expect(
      shown({
        id: 'key_1',
        limits: { requests: '1/s', deep: { er: true } },
        tags: ['a'],
        rules: [{ a: 1 }],
        none: null,
        map: {},
      }),
    ).toBe(
      [
        'id: key_1',
        'limits.requests: 1/s',
        'limits.deep.er: true',
        'tags: a',
        'rules: [{"a":1}]',
        'none:',
        'map: {}',
      ].join('\n'),
    )
  })

  test('that is empty, or a text', () => {
    expect([shown(undefined), shown('a,b\n1,2\n')]).toEqual(['Done.', 'a,b\n1,2'])
  })

  test('as JSON is what was answered', () => {
    const body = { data: [{ id: 1 }], next: null }
    expect(JSON.parse(shownReply({ body }, 'json'))).toEqual(body)
    expect(shownReply({ body: undefined }, 'json')).toBe('')
  })

  test('does not speak to the terminal', () => {
    const evil = '\u001b]0;owned\u0007\u202e'
    for (const body of [
      { data: [{ name: evil, [evil]: 1 }], next: evil },
      { [evil]: evil, inner: { x: [evil] } },
    ])
      expect(['\u001b', '\u0007', '\u202e'].filter((each) => shown(body).includes(each))).toEqual([])
  })

  test('has no wider cells than people can read', () => {
    expect(shown({ data: [{ id: 'x'.repeat(500) }] }).length).toBeLessThan(80)
  })
})

describe('help', () => {
  test('lists resources and verbs', () => {
    expect(describeResources(commandsOf(DOCUMENT))).toMatch(/keys +list, create, get, update/)
    expect(describeResource('keys', commandsOf(DOCUMENT).get('keys')!)).toMatch(/rotate <id> +Rotate a key\./)
  })

  test('lists the flags of a command with what they are for', () => {
    const help = describeCommand(command('keys', 'create'))
    expect(help).toMatch(/--name <text> +What people call it\. \(required\)/)
    expect(help).toMatch(/--models <a,b>/)
    expect(help).toMatch(/--limits\.concurrency <number>/)
    expect(help).toMatch(/--metadata\[\.<name>\] <json>/)
    expect(help).toMatch(/--period <text> +One of day, week\./)
    expect(help).toMatch(/--disabled +Default: false\./)
    expect(help).toMatch(/--json <object>/)
    expect(help).not.toMatch(/--unset/)
    expect(describeCommand(command('keys', 'update'))).toMatch(/--unset/)
  })
})
