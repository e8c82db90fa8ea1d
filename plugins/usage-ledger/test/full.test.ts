import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { journalPlugin, TestJournal } from './support/journals.ts'
import { setUp, until } from './support/setting.ts'

const down = (): TestJournal => Object.assign(new TestJournal(), { isDown: true })
const config = { capabilities: { Journal: 'test-journal' }, server: { logLevel: 'error' as const } }

const sizeIn = (spool: string): number => {
  const files = readdirSync(spool, { recursive: true }).map((name) => statSync(join(spool, String(name))))
  return files.filter((file) => file.isFile()).reduce((sum, { size }) => sum + size, 0)
}

test('a gateway whose spool is full asks no model, until the journal takes rows again', async () => {
  const journal = down()
  await using setting = await setUp({ options: { spoolLimit: 3000 }, plugins: [journalPlugin(journal)], config })
  let answered = 0
  await until(async () => {
    const reply = await setting.ask('echo/echo')
    if (reply.status === 200) answered++
    else expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5'])
    return reply.status === 503
  })
  expect(answered).toBeGreaterThan(2)
  const size = sizeIn(setting.spool)
  for (let index = 0; index < 10; index++) await setting.ask('echo/echo')
  expect(sizeIn(setting.spool)).toBe(size)
  const told = setting.gateway.log.entries.filter(({ row }) => (row as Row | undefined)?.data['error'] === 'overloaded')
  expect(told).toHaveLength(11)
  journal.isDown = false
  await until(async () => (await setting.ask('echo/echo')).status === 200)
  await until(() => [...journal.rows.values()].filter(({ data }) => data['outcome'] === 'ok').length === answered + 1)
})

test('told to drop rows it goes on, and each row is in the log', async () => {
  const journal = down()
  await using setting = await setUp({
    options: { spoolLimit: 3000, whenFull: 'drop' },
    plugins: [journalPlugin(journal)],
    config,
  })
  for (let index = 0; index < 30; index++) expect((await setting.ask('echo/echo')).status).toBe(200)
  const dropped = (): number => setting.gateway.log.entries.filter(({ row }) => row !== undefined).length
  expect(dropped()).toBeGreaterThan(10)
  journal.isDown = false
  await until(() => journal.rows.size === 30 - dropped())
})

test('a ledger that cannot write its spool does not boot', async () => {
  await expect(setUp({ spool: '/dev/null/spool' })).rejects.toMatchObject({ code: 'config_invalid' })
})
