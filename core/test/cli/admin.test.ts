import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { admin } from '../../src/cli/admin.ts'
import { configOf, Folder, PATIENCE, Sluice, sluice } from './cli.ts'

const KEY = 'a-key-for-the-tests-of-the-command-line'
const CONFIG = configOf(
  `{ plugins: [memoryStore(), apiKeys({ adminKey: '${KEY}', pepper: 'pepper-of-the-tests' }), auditLog(), adminApi()] }`,
  ['admin-api:adminApi', 'auth-keys:apiKeys', 'log-audit:auditLog', 'store-memory:memoryStore']
    .map((each) => each.split(':'))
    .map(([plugin, factory]) => `import { ${factory} } from '@sluice/${plugin}'`)
    .join('\n'),
)

/** As the command does it, without the time that a process takes to start. */
async function inProcess(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const streams = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text).replaceAll(COLOURS, '')
      return true
    }),
  )
  try {
    const code = await admin(args)
    return { code, ...said }
  } finally {
    for (const stream of streams) stream.mockRestore()
  }
}

// oxlint-disable-next-line no-control-regex -- what colours a terminal
const COLOURS = /\u001b\[\d+m/g

describe('with a gateway that runs', { timeout: PATIENCE }, () => {
  const folder = new Folder({ 'gateway.config.ts': CONFIG })
  let gateway: Sluice
  let url: string
  beforeAll(async () => {
    gateway = new Sluice(folder, 'start', '--port', '0')
    url = await gateway.ready()
  }, PATIENCE)
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  const run = (...args: readonly string[]) => inProcess(...args, '--url', url, '--key', KEY)

  test('a key is made, listed, changed, rotated and deleted', async () => {
    const flags = [
      '--models',
      'gpt-*,claude-*',
      '--limits.requests',
      '10/min',
      '--budget.amount',
      '1',
      '--budget.period',
      'day',
    ]
    const made = await run('keys', 'create', '--name', 'ci', ...flags, '--output', 'json')
    expect([made.code, made.stderr]).toEqual([0, ''])
    const key = JSON.parse(made.stdout) as { id: string }
    expect(key).toMatchObject({
      name: 'ci',
      models: ['gpt-*', 'claude-*'],
      limits: { requests: '10/min' },
      budget: { amount: 1, period: 'day' },
    })

    const listed = await run('keys')
    expect(listed.stdout).toMatch(new RegExp(`^id +name.*\\n(.*\\n)*${key.id} +ci +`))
    const changed = await run('keys', 'update', key.id, '--disabled', '--unset', 'budget', '--if-match', '1')
    expect([changed.code, changed.stderr]).toEqual([0, ''])
    expect(changed.stdout).toMatch(/^disabled: true$/m)
    expect(changed.stdout).toMatch(/^limits\.requests: 10\/min$/m)
    expect(changed.stdout).not.toMatch(/^budget/m)
    expect((await run('keys', 'update', key.id, '--name', 'x', '--if-match', '1')).stderr).toContain(
      'precondition_failed',
    )
    expect((await run('keys', 'rotate', key.id)).code).toBe(0)
    expect(await run('keys', 'delete', key.id)).toEqual({ code: 0, stdout: 'Done.\n', stderr: '' })
    expect((await run('keys', 'get', key.id)).code).toBe(1)

    const audited = await run('audit', '--action', 'keys.create,keys.delete')
    expect(audited.stdout).toMatch(/keys\.delete[^]*keys\.create/)
    expect((await run('audit', 'verify')).stdout).toMatch(/^ok: true$/m)
  })

  test.for([
    [[], /keys +list, create/],
    [['--help'], /keys +list, create/],
    [['keys', '--help'], /rotate <id>/],
    [['keys', 'create', '--help'], /--limits\.requests <text>/],
    [['me'], /^permissions: \*$/m],
    [['models', 'list'], /There are none/],
    [['config', 'get'], /^revision: 1$/m],
  ] as const)('sluice %o ends with 0', async ([args, says]) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(says)
  })

  test.for([
    [['keyz', 'list'], 2, /Did you mean "keys"/],
    [['keys', 'crate'], 2, /Did you mean "create"/],
    [['keys', 'create', '--nam', 'x'], 2, /Did you mean "--name"/],
    [['keys', 'create'], 1, /error \(invalid_request\): name/],
    [['keys', 'get', 'key_none'], 1, /error \(not_found\)/],
    [['keys', 'list', '--output', 'xml'], 2, /"json" or "text"/],
  ] as const)('sluice %o is told what is wrong', async ([args, code, says]) => {
    const ended = await run(...args)
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    expect(ended.stderr).toMatch(says)
  })

  test('the command itself does the same', async () => {
    const [listed, resources, wrong] = await Promise.all([
      sluice(folder, 'keys', 'list', '--url', url, '--key', KEY),
      sluice(folder, 'admin', '--url', url, '--key', KEY),
      sluice(folder, 'keyz', 'list', '--url', url, '--key', KEY),
    ])
    expect([listed.code, listed.stderr]).toEqual([0, ''])
    expect([resources.code, resources.stdout]).toEqual([0, expect.stringMatching(/keys +list, create/)])
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/Did you mean "keys"/)])
  })

  test('a wrong key is told how to give another', async () => {
    const { code, stderr } = await inProcess('keys', 'list', '--url', url, '--key', 'sk-wrong')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/invalid_api_key.*SLUICE_ADMIN_KEY/s)])
  })
})

describe('without one', { timeout: PATIENCE }, () => {
  test.for([
    ['keys', 'list', '--url', 'http://127.0.0.1:1'],
    ['--url', 'http://127.0.0.1:1'],
  ])('sluice %o says that nobody answers', async (args) => {
    const { code, stdout, stderr } = await inProcess(...args)
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/No gateway answers at http:\/\/127\.0\.0\.1:1 /),
    ])
  })

  test('an address that is none is wrong usage', async () => {
    expect((await inProcess('keys', 'list', '--url', 'nowhere')).code).toBe(2)
  })

  test.for([
    [
      404,
      'application/json',
      '{"error":{"code":"not_found","message":"Nothing is served here."}}',
      /lacks the plugin admin-api/,
    ],
    [200, 'text/html', '<html>', /no gateway of this kind/],
    [200, 'application/json', '{', /no gateway of this kind/],
    [502, 'text/html', '<html>', /status 502/],
  ] as const)('an answer of %s %s is told as what it is', async ([status, type, body, says]) => {
    const server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await inProcess('keys', 'list', '--url', `http://127.0.0.1:${port}`)
    expect([code, stderr]).toEqual([1, expect.stringMatching(says)])
    server.close()
  })
})
