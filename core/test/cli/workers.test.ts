import { describe, expect, test } from 'vitest'
import { configOf, Folder, PATIENCE, Sluice, sluice } from './cli.ts'

/** A service that numbers its calls, and a plugin through which clients make them. */
const SERVICE = `
  export default (options, { publish, onPeerLost }) => {
    let calls = 0
    const lost = []
    onPeerLost((peer) => lost.push(peer))
    return {
      next: () => ++calls,
      later: async () => ++calls,
      same: (value) => value,
      lost: () => lost.length,
      shout: (text) => publish(text),
    }
  }
`
const CODE = `
  import { shareService } from '@sluice/core/cluster'
  const shared = definePlugin({
    name: 'log-shared', version: '1.0.0', api: 1,
    async setup(context) {
      const { router } = context
      const use = await shareService(context, new URL('./service.ts', import.meta.url), {})
      const heard = []
      use.onEvent((event) => heard.push(event))
      const route = (path, handler) => router.get(path, { permission: 'public' }, async (context) => {
        context.body = { pid: process.pid, value: await handler(context.query) }
      })
      route('/next', () => use.service.next())
      route('/later', () => use.service.later())
      route('/same', async () => {
        const { bytes, never } = await use.service.same({ bytes: Buffer.from('abc'), never: Infinity })
        return Buffer.isBuffer(bytes) && bytes.toString() === 'abc' && never === Infinity
      })
      route('/lost', () => use.service.lost())
      route('/shout', ({ text }) => use.service.shout(text))
      route('/heard', () => heard)
    },
  })
`
const CONFIG = configOf(
  `{ server: { workers: 2 }, models: { echo: 'echo/echo' }, plugins: [openaiDialect(), echo(), shared()] }`,
  CODE,
)
const files = { 'gateway.config.ts': CONFIG, 'service.ts': SERVICE }

type Answer = { pid: number; value: unknown }
/** Each on a connection of its own, which the primary deals out. */
const ask = async (url: string, path: string): Promise<Answer> => {
  const reply = await fetch(url + path, { headers: { connection: 'close' } })
  return (await reply.json()) as Answer
}
const pidsOf = async (url: string): Promise<number[]> => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url, '/same')))
  expect(answers.every(({ value }) => value === true)).toBe(true)
  return [...new Set(answers.map(({ pid }) => pid))]
}

describe.concurrent('server.workers', { timeout: PATIENCE }, () => {
  test('several processes serve on one address, and share one service', async () => {
    using folder = new Folder(files)
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    expect(await pidsOf(url)).toHaveLength(2)
    const paths = Array.from({ length: 100 }, (_, index) => (index % 2 ? '/next' : '/later'))
    const answers = await Promise.all(paths.map((path) => ask(url, path)))
    expect(answers.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(paths.map((_, index) => index + 1))

    await ask(url, '/shout?text=hello')
    for (const pid of await pidsOf(url)) {
      let heard: Answer
      do heard = await ask(url, '/heard')
      while (heard.pid !== pid)
      expect(heard.value).toEqual(['hello'])
    }

    gateway.signal('SIGTERM')
    expect(await gateway.exit()).toBe(0)
  })

  test('a worker that is killed is replaced, and what it used knows that it is gone', async () => {
    using folder = new Folder(files)
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    const [first] = await pidsOf(url)
    process.kill(first!, 'SIGKILL')
    await gateway.says(/a worker ended; another takes its place/)
    let pids: number[]
    do pids = await pidsOf(url)
    while (pids.length < 2 || pids.includes(first!))
    expect((await ask(url, '/lost')).value).toBe(1)
  })

  test('a reload goes from worker to worker, and services outlive it', async () => {
    using folder = new Folder(files)
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    await ask(url, '/next')

    folder.write('gateway.config.ts', CONFIG.replace(`echo: 'echo/echo'`, `echo: 'nobody/echo'`))
    gateway.signal('SIGHUP')
    await gateway.says(/the new config is refused[^]*/)
    expect(await revisions(url)).toEqual([1])
    expect(gateway.stdout.match(/the new config is refused/g)).toHaveLength(1)

    folder.write('gateway.config.ts', CONFIG.replace(`echo: 'echo/echo'`, `other: 'echo/echo'`))
    gateway.signal('SIGHUP')
    await gateway.says(
      /"revision":2,"msg":"the new config is in force[^]*"revision":2,"msg":"the new config is in force/,
    )
    expect(await revisions(url)).toEqual([2])
    expect((await ask(url, '/next')).value).toBe(2)
  })

  test('a config that cannot be served ends all with its mistakes', async () => {
    using folder = new Folder({
      'gateway.config.ts': CONFIG.replace(`'echo/echo'`, `'nobody/echo'`),
      'service.ts': SERVICE,
    })
    const { code, stderr, stdout } = await sluice(folder, 'start', '--port', '0')
    expect(code).toBe(1)
    expect(stderr).toContain('target "nobody/echo" names no configured provider')
    expect(stdout).not.toContain('ready')
  })
})

async function revisions(url: string): Promise<number[]> {
  const replies = await Promise.all(
    Array.from({ length: 12 }, () => fetch(`${url}/health/ready`, { headers: { connection: 'close' } })),
  )
  const bodies = (await Promise.all(replies.map((reply) => reply.json()))) as { revision: number }[]
  return [...new Set(bodies.map(({ revision }) => revision))]
}
