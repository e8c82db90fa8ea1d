import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { pepperIn } from '../src/pepper.ts'
import { PEPPER, stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

const KEY = /sk-sluice-[0-9A-Za-z]{48}/g
const textOf = (on: Stage): string =>
  on.gateway.gateway
    .announcements()
    .map(({ text }) => text)
    .join('\n')
const keysOf = (on: Stage): string[] => textOf(on).match(KEY) ?? []

afterEach(() => void vi.useRealTimers())

describe('the first keys', () => {
  const options = { adminKey: '', firstKeys: true }

  test('are one for clients and one that may do everything, shown once', async () => {
    const store = new TestStore()
    await using on = await stage({ options, store: store.plugin() })
    const [client, admin] = keysOf(on) as [string, string]
    expect(keysOf(on)).toHaveLength(2)
    expect(on.gateway.gateway.announcements()).toMatchObject([{ apiKey: client }])
    expect([(await on.ask(client)).status, (await on.admin('GET', '/keys', undefined, client)).status]).toEqual([
      200, 403,
    ])
    expect((await on.admin('GET', '/keys', undefined, admin)).status).toBe(200)
    for (const text of [store.text(), on.gateway.log.text()]) {
      expect(text).not.toContain(client.slice(14))
      expect(text).not.toContain(admin.slice(14))
    }
    await on.gateway.gateway.refresh()
    expect(keysOf(on)).toEqual([])
    expect((await on.ask(client)).status).toBe(200)
  })

  test('are only one for clients where the config names an admin key, which is not shown', async () => {
    const adminKey = 'the-admin-key-of-the-config'
    await using on = await stage({ options: { adminKey, firstKeys: true } })
    expect(keysOf(on)).toHaveLength(1)
    expect(textOf(on)).not.toContain(adminKey)
    expect((await on.ask(keysOf(on)[0]!)).status).toBe(200)
  })

  test('are made by one of several gateways that start together', async () => {
    const store = new TestStore()
    const gateways = await Promise.all(Array.from({ length: 6 }, () => stage({ options, store: store.plugin() })))
    try {
      const shown = gateways.flatMap(keysOf)
      expect(shown).toHaveLength(2)
      expect(await store.list('keys')).toHaveLength(2)
      for (const on of gateways) expect((await on.ask(shown[0]!)).status).toBe(200)
    } finally {
      for (const on of gateways) await on.gateway.close()
    }
  })

  test('are made once: not again by the next start, nor when somebody has deleted them', async () => {
    const store = new TestStore()
    await (await stage({ options, store: store.plugin() })).gateway.close()
    for (const { id } of await store.list('keys')) await store.delete('keys', id)
    await using on = await stage({ options, store: store.plugin() })
    expect([textOf(on), await store.list('keys')]).toEqual(['', []])
  })

  test('are not made where there are keys, or nobody wants them', async () => {
    const store = new TestStore()
    await using on = await stage({ store: store.plugin() })
    expect(textOf(on)).toBe('')
    await on.make()
    await using next = await stage({ options, store: store.plugin() })
    expect(textOf(next)).toBe('')
  })

  test('are made by the next start if the process that began has died over it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const store = new TestStore()
    await store.put('auth-keys', 'first-keys', { begunAt: Date.now() })
    const early = await stage({ options, store: store.plugin() })
    expect(textOf(early)).toBe('')
    await early.gateway.close()
    vi.setSystemTime(Date.now() + 60_000)
    await using on = await stage({ options, store: store.plugin() })
    expect(keysOf(on)).toHaveLength(2)
  })
})

describe('the pepper', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-pepper-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is made once in a file that only its owner reads, and nothing else is left there', async () => {
    const file = join(folder, 'deep', 'er', 'pepper')
    const peppers = await Promise.all(Array.from({ length: 8 }, () => pepperIn(file)))
    expect(new Set(peppers.map((each) => each.toString('hex'))).size).toBe(1)
    expect(peppers[0]).toHaveLength(32)
    expect(await pepperIn(file)).toEqual(peppers[0])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['pepper'])
  })

  test('of a file that is not whole is refused, and the file is left alone', async () => {
    const file = join(folder, 'pepper')
    writeFileSync(file, 'c2hvcnQ=')
    await expect(pepperIn(file)).rejects.toMatchObject({ code: 'config_invalid' })
    expect(readFileSync(file, 'utf8')).toBe('c2hvcnQ=')
  })

  test('that can be neither read nor made is said to be so, with the name of the file', async () => {
    const file = join(folder, 'pepper', 'below-a-file')
    writeFileSync(join(folder, 'pepper'), '')
    await expect(pepperIn(file)).rejects.toThrow(file)
  })

  test('in a file recognises the same keys after a restart', async () => {
    const store = new TestStore()
    const pepperFile = join(folder, 'pepper')
    const start = (): Promise<Stage> =>
      stage({ store: store.plugin(), options: { pepper: undefined as never, pepperFile } })
    const { key } = await (async () => {
      await using on = await start()
      return await on.make()
    })()
    await using on = await start()
    expect((await on.ask(key)).status).toBe(200)
  })

  test('that is not the one of the keys in the store is refused, without telling either', async () => {
    const store = new TestStore()
    const first = await stage({ store: store.plugin() })
    await first.make()
    await first.gateway.close()
    const other = 'another pepper altogether'
    const error = await stage({ store: store.plugin(), options: { pepper: other } }).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('another pepper') })
    expect(store.text()).not.toContain(PEPPER)
    await using again = await stage({ store: store.plugin() })
    expect((await again.admin('GET', '/keys')).status).toBe(200)
  })

  test('may be another one where there are no keys', async () => {
    const store = new TestStore()
    await (await stage({ store: store.plugin() })).gateway.close()
    await using on = await stage({ store: store.plugin(), options: { pepper: 'another pepper altogether' } })
    const { key } = await on.make()
    expect((await on.ask(key)).status).toBe(200)
  })
})
