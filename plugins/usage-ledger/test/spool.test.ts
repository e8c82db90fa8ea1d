import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@sluice/core'
import type { Row } from '@sluice/store-kit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Courier } from '../src/courier.ts'
import { Orphans } from '../src/orphans.ts'
import { rowsOf } from '../src/records.ts'
import { leftDirectory, ownDirectory } from '../src/owner.ts'
import { Spool } from '../src/spool.ts'
import { TestJournal } from './support/journals.ts'
import { until } from './support/setting.ts'

let base = ''
let said: { level: string; fields: { row?: Row }; text: string }[] = []
const note =
  (level: string) =>
  (fields: object, text: string): void =>
    void said.push({ level, fields, text })
const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } as unknown as Logger

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sluice-spool-'))
  said = []
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const limits = { limit: 1024 ** 2, dropWhenFull: false }
const row = (id: string, more: Row['data'] = {}): Row => ({
  id,
  time: 1,
  data: { outcome: 'ok', costNanoUsd: 1, ...more },
})
const begun = (id: string) => ({ head: { id, time: 1, data: {} }, provider: 'vllm', model: 'm', input: 7, output: 9 })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const adopted = async (journal: TestJournal): Promise<void> => {
  const orphans = new Orphans({ base, journal, prices: undefined, log }, ownDirectory(base))
  orphans.start()
  await until(() => readdirSync(base).length === 0)
  await orphans.close()
}
const isSmall = (name: string): boolean => statSync(join(base, name)).size < 100_000
const files = (directory: string): string[] => readdirSync(directory).map((name) => join(directory, name))

describe('a spool', () => {
  test('has on disk what was said by the end of a turn of the event loop, in one file of this process', async () => {
    const spool = new Spool(ownDirectory(base), limits, log)
    spool.begin(begun('1'))
    spool.end(row('2'))
    await turn()
    const [file] = files(files(base)[0]!)
    expect(readFileSync(file!, 'utf8').split('\n')).toEqual([
      expect.stringMatching(/^\?\{.*"1".*\}$/),
      expect.stringMatching(/^\{.*"2".*\}$/),
      '',
    ])
  })

  test('is empty again when all is delivered, but for what has begun', async () => {
    const own = ownDirectory(base)
    const spool = new Spool(own, limits, log)
    spool.begin(begun('1'))
    spool.end(row('1'))
    spool.begin(begun('2'))
    spool.end(row('3'))
    await turn()
    const bundle = (await spool.undelivered())!
    expect(rowsOf(bundle.lines).map(({ id }) => id)).toEqual(['1', '3'])
    spool.delivered()
    expect(files(own)).toHaveLength(1)
    spool.end(row('2'))
    await turn()
    await spool.undelivered()
    spool.delivered()
    expect(files(own)).toEqual([])
  })

  test('delivers in order through many files, of which old ones are read again, and removes them', async () => {
    const own = ownDirectory(base)
    const spool = new Spool(own, { ...limits, limit: 8000 }, log)
    const journal = new TestJournal()
    spool.begin(begun('open'))
    for (let index = 0; index < 200; index++) {
      spool.end(row(String(index), { filler: 'x'.repeat(200) }))
      await turn()
    }
    expect(files(own).length).toBeGreaterThan(10)
    const courier = new Courier(spool, journal, 1, log)
    await courier.push()
    expect([...journal.rows.keys()]).toEqual(Array.from({ length: 200 }, (_, index) => String(index)))
    expect(journal.again).toBe(0)
    expect(files(own)).toHaveLength(1)
    spool.close(leftDirectory(base))
    await courier.close()
  })

  test('tells of rows that are gone with a file, and delivers the others', async () => {
    const own = ownDirectory(base)
    const spool = new Spool(own, { ...limits, limit: 8000 }, log)
    const journal = new TestJournal()
    for (let index = 0; index < 200; index++) {
      spool.end(row(String(index), { filler: 'x'.repeat(200) }))
      await turn()
    }
    rmSync(files(own).sort()[12]!)
    const courier = new Courier(spool, journal, 1, log)
    await courier.push()
    const lost = said.find(({ level }) => level === 'error')
    expect(lost).toMatchObject({ text: expect.stringContaining('rows are lost'), fields: { rows: expect.any(Number) } })
    expect(journal.rows.size + (lost!.fields as { rows: number }).rows).toBe(200)
    await courier.close()
    spool.close(leftDirectory(base))
    expect(readdirSync(base)).toEqual([])
  })

  test('delivers and removes files also while there is always something that is not written yet', async () => {
    const own = ownDirectory(base)
    const spool = new Spool(own, { ...limits, limit: 8000 }, log)
    const journal = new TestJournal()
    const courier = new Courier(spool, journal, 60_000, log)
    for (let index = 0; index < 100; index++) {
      spool.end(row(`${index}a`, { filler: 'x'.repeat(500) }))
      await turn()
      spool.end(row(`${index}b`, { filler: 'x'.repeat(500) }))
      await courier.push()
      expect(journal.rows.size).toBe(2 * index + 2)
    }
    expect(files(own).length).toBeLessThan(3)
    await courier.close()
    spool.close(leftDirectory(base))
  })

  test('is full at its limit, and then drops rows only if told to, and into the log', async () => {
    const strict = new Spool(ownDirectory(base), { limit: 2000, dropWhenFull: false }, log)
    const lax = new Spool(ownDirectory(base), { limit: 2000, dropWhenFull: true }, log)
    for (let index = 0; index < 50; index++) {
      strict.end(row(`s${index}`))
      lax.end(row(`l${index}`))
      await turn()
    }
    expect(strict.isFull && lax.isFull).toBe(true)
    expect(await countOf(strict)).toBe(50)
    const kept = await countOf(lax)
    const dropped = said.filter(({ fields }) => fields.row)
    expect(kept + dropped.length).toBe(50)
    expect(dropped[0]).toMatchObject({ level: 'error', fields: { row: { data: { costNanoUsd: 1 } } } })
  })

  test('keeps rows in memory, and says so, while the disk is full', async () => {
    const own = ownDirectory(base)
    mkdirSync(own)
    symlinkSync('/dev/full', join(own, '00000001.log'))
    const spool = new Spool(own, limits, log)
    const journal = new TestJournal()
    const courier = new Courier(spool, journal, 1, log)
    spool.begin(begun('1'))
    spool.end(row('2'))
    await turn()
    expect(said).toMatchObject([{ level: 'error', text: expect.stringContaining('cannot be written') }])
    await courier.push()
    expect([...journal.rows.keys()]).toEqual(['2'])
    expect(spool.isFull).toBe(false)
    journal.isDown = true
    for (let index = 0; index < 100; index++) spool.end(row(`r${index}`, { filler: 'x'.repeat(200_000) }))
    await turn()
    expect(spool.isFull).toBe(true)
    await courier.close()
    spool.close(leftDirectory(base))
    expect(said.filter(({ fields }) => fields.row)).toHaveLength(100)
  })
})

test('a spool that cannot even be made keeps rows in memory too', async () => {
  const own = ownDirectory(base)
  writeFileSync(own, '')
  const spool = new Spool(own, limits, log)
  const journal = new TestJournal()
  const courier = new Courier(spool, journal, 1, log)
  spool.begin(begun('1'))
  spool.end(row('1'))
  await turn()
  await courier.push()
  expect([...journal.rows.keys()]).toEqual(['1'])
  rmSync(own)
  spool.end(row('2'))
  await courier.push()
  expect(journal.rows.size).toBe(2)
  await courier.close()
  spool.close(leftDirectory(base))
  expect(readdirSync(base)).toEqual([])
})

async function countOf(spool: Spool): Promise<number> {
  let count = 0
  for (;;) {
    const bundle = await spool.undelivered()
    if (!bundle) return count
    count += bundle.count
    spool.delivered()
  }
}

describe('a journal out of reach', () => {
  test('gets everything once when it is back', async () => {
    const spool = new Spool(ownDirectory(base), limits, log)
    const journal = new TestJournal()
    journal.isDown = true
    const courier = new Courier(spool, journal, 1, log)
    for (let index = 0; index < 20; index++) spool.end(row(String(index)))
    await expect(courier.push()).rejects.toThrow()
    journal.isDown = false
    await until(() => journal.rows.size === 20)
    expect(journal.again).toBe(0)
    expect(said.map(({ level }) => level)).toEqual(['error', 'info'])
    await courier.close()
    spool.close(leftDirectory(base))
    expect(readdirSync(base)).toEqual([])
  })

  test('finds what was left when the gateway closed', async () => {
    const spool = new Spool(ownDirectory(base), limits, log)
    const journal = new TestJournal()
    journal.isDown = true
    const courier = new Courier(spool, journal, 1, log)
    spool.begin(begun('1'))
    spool.end(row('1'))
    await courier.close()
    spool.close(leftDirectory(base))
    expect(readdirSync(base)).toHaveLength(1)
    journal.isDown = false
    await adopted(journal)
    expect([...journal.rows.values()]).toEqual([row('1')])
  })
})

describe('an orphan', () => {
  const left = (name: string, ...lines: string[][]): void => {
    const directory = join(base, name)
    mkdirSync(directory)
    lines.forEach((text, index) => writeFileSync(join(directory, `${index}.log`), text.join('\n')))
  }
  const dead = 'gone~0~0~a'
  const open = (id: string): string => `?${JSON.stringify(begun(id))}`
  const closed = (id: string): string => JSON.stringify(row(id))

  test('tells of what ended, and of what had begun as crashed, with its estimate', async () => {
    left(dead, [open('1'), open('2'), closed('1'), ''], [open('2'), open('3'), closed('3')])
    const journal = new TestJournal()
    await adopted(journal)
    expect(journal.rows.size).toBe(3)
    expect(journal.rows.get('2')).toEqual({
      id: '2',
      time: 1,
      data: {
        attempts: 1,
        outcome: 'crashed',
        provider: 'vllm',
        target: 'vllm/m',
        inputTokens: 7,
        outputTokens: 9,
        estimated: true,
        costNanoUsd: null,
      },
    })
  })

  test('with a line that was not written to its end loses only that', async () => {
    left(dead, [closed('1'), '', 'garbage', '{"id":5}', '?null', closed('2'), closed('3').slice(0, -4)])
    const journal = new TestJournal()
    await adopted(journal)
    expect([...journal.rows.keys()]).toEqual(['1', '2'])
    expect(said.filter(({ text }) => text.includes('not whole'))).toHaveLength(4)
  })

  test('is adopted by one process only', async () => {
    for (let index = 0; index < 20; index++) left(`gone~0~0~${index}`, [closed(String(index))])
    const journal = new TestJournal()
    await Promise.all([adopted(journal), adopted(journal), adopted(journal)])
    expect(journal.rows.size).toBe(20)
    expect(journal.again).toBe(0)
  })

  test('waits for a journal that is out of reach, and is left to others when the gateway closes', async () => {
    left(dead, [closed('1')])
    const journal = new TestJournal()
    journal.isDown = true
    const orphans = new Orphans({ base, journal, prices: undefined, log }, ownDirectory(base))
    orphans.start()
    await until(() => !readdirSync(base).includes(dead))
    await orphans.close()
    journal.isDown = false
    await adopted(journal)
    expect(journal.rows.size).toBe(1)
  })

  test('is not the spool of a process that lives, nor of one elsewhere that was alive just now, nor something else', async () => {
    left('not a spool', ['x'])
    left('elsewhere~1~1~a', [closed('1')])
    left(ownDirectory(base).split('/').at(-1)!, [closed('2')])
    const journal = new TestJournal()
    left(dead, [closed('3')])
    const orphans = new Orphans({ base, journal, prices: undefined, log }, ownDirectory(base))
    orphans.start()
    await until(() => journal.rows.size === 1)
    await orphans.close()
    expect(readdirSync(base)).toHaveLength(3)
    expect(readdirSync(base).every(isSmall)).toBe(true)
  })

  test('is also that of an earlier process with the number of this one', async () => {
    const mine = ownDirectory(base).split('/').at(-1)!
    const [host, pid] = mine.split('~')
    left(`${host}~${pid}~1~a`, [closed('1')])
    const journal = new TestJournal()
    await adopted(journal)
    expect(journal.rows.size).toBe(1)
  })
})
