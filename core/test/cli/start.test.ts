import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { configOf, ECHO, Folder, PATIENCE, Sluice, sluice } from './cli.ts'

const sh = async (command: string, environment: NodeJS.ProcessEnv = {}): Promise<string> => {
  const env = { ...process.env, ...environment }
  return (await promisify(execFile)('sh', ['-c', command], { env })).stdout
}
/** The command that the greeting tells to paste. */
const pasted = ({ stdout }: Sluice): string => /Try it:\n([^]*?)\n\n/.exec(stdout)![1]!

describe.concurrent('sluice start', { timeout: PATIENCE }, () => {
  test('says where it is, what it serves, and a command that works as it stands', async () => {
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    expect(gateway.stdout).toContain('Models:\n  echo\n  echo/echo\n')
    const command = pasted(gateway)
    expect(command).toContain(`curl ${url}/v1/chat/completions`)
    expect(JSON.parse(await sh(command))).toMatchObject({ choices: [{ message: { content: 'You said: Hello!' } }] })
  })

  test('quotes what a shell would read, and asks in the dialect that is there', async () => {
    const config = configOf(
      `{ models: { "a (b) =c": 'echo/echo' }, plugins: [anthropicDialect(), echo()], server: { port: 0 } }`,
      `import { anthropicDialect } from '@sluice/dialect-anthropic'`,
    )
    using folder = new Folder({ 'gateway.config.ts': config })
    await using gateway = new Sluice(folder, 'start')
    await gateway.ready()
    expect(JSON.parse(await sh(pasted(gateway)))).toMatchObject({ content: [{ text: 'You said: Hello!' }] })
  })

  test('asks for a model of an upstream if there is one, and names providers that take any model', async () => {
    const config = configOf(
      `{ models: { mine: 'echo/echo', fast: 'openai/gpt' }, plugins: [openaiDialect(), echo(), openai({ apiKey: 'k' })] }`,
      `import { openai } from '@sluice/provider-openai'`,
    )
    using folder = new Folder({ 'gateway.config.ts': config })
    await using gateway = new Sluice(folder, 'start', '-p', '0')
    await gateway.ready()
    expect(gateway.stdout).toContain('\n  openai/<any model>\n')
    expect(pasted(gateway)).toContain('"model":"fast"')
  })

  test('sends a key if somebody asks for one', async () => {
    const door = `const door = definePlugin({ name: 'auth-test', version: '1.0.0', api: 1, setup({ hooks }) {
      hooks.authenticate.tap('key', ({ headers }) => (headers.authorization === 'Bearer k 1' ? { id: 'me' } : undefined))
    } })`
    using folder = new Folder({ 'gateway.config.ts': configOf('{ plugins: [openaiDialect(), echo(), door()] }', door) })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    await gateway.ready()
    const reply = await sh(pasted(gateway), { SLUICE_API_KEY: 'k 1' })
    expect(JSON.parse(reply)).toMatchObject({ choices: [{ message: { content: 'You said: Hello!' } }] })
  })

  test('listens where the arguments say, whatever the config says', async () => {
    const config = configOf(`{ server: { host: '203.0.113.1', port: 1 }, plugins: [openaiDialect(), echo()] }`)
    using folder = new Folder({ 'configs/other.ts': config })
    await using gateway = new Sluice(folder, 'start', '--config', 'configs/other.ts', '--host', '127.0.0.1', '--port=0')
    const url = await gateway.ready()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d{2,}$/)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  })

  test('fails if something else listens there', async () => {
    await using other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    using folder = new Folder({ 'gateway.config.ts': ECHO })
    const { port } = other.address() as AddressInfo
    const { code, stdout, stderr } = await sluice(folder, 'start', '--port', String(port))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`127.0.0.1:${port}`)
  })
})

describe.concurrent('a signal to stop', { timeout: PATIENCE }, () => {
  /** Opens a stream that takes a while and reads its first bytes. */
  const openStream = async (url: string, content = 'one two three four five six') => {
    const body = { model: 'echo', stream: true, messages: [{ role: 'user', content }] }
    const reply = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
    const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader.read()).value ?? ''
    const rest = async (): Promise<string> => {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value
      return text
    }
    return { rest }
  }
  const slow = ECHO.replace('echo()', `echo({ delay: '100ms' })`)

  test.for(['SIGTERM', 'SIGINT'] as const)('%s lets a stream in flight end and then ends with 0', async (signal) => {
    using folder = new Folder({ 'gateway.config.ts': slow })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const url = await gateway.ready()
    const { rest } = await openStream(url)
    gateway.signal(signal)
    await gateway.says(/draining/)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    const text = await rest()
    expect(text).toContain('six')
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect(await gateway.exit()).toBe(0)
  })

  test('counts once if it comes twice at once, as from a terminal and from npm', async () => {
    using folder = new Folder({ 'gateway.config.ts': slow })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    const { rest } = await openStream(await gateway.ready())
    gateway.signal('SIGINT')
    await gateway.says(/draining/)
    gateway.signal('SIGINT')
    expect(await rest()).toMatch(/data: \[DONE\]\n\n$/)
    expect(await gateway.exit()).toBe(0)
  })

  test('ends everything at once if it is given again', async () => {
    using folder = new Folder({ 'gateway.config.ts': slow })
    await using gateway = new Sluice(folder, 'start', '--port', '0')
    await openStream(await gateway.ready(), 'one word and another '.repeat(100))
    gateway.signal('SIGTERM')
    await gateway.says(/draining/)
    // Signals within half a second are one.
    await new Promise((resolve) => setTimeout(resolve, 600))
    gateway.signal('SIGTERM')
    expect(await gateway.exit()).toBe(143)
  })
})
