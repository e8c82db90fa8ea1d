import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sluice } from './support/cli.ts'
import { claudeSays, says, setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

/** Within this package, so that the packages that it needs are found. */
const HERE = dirname(fileURLToPath(import.meta.url))

describe('sluice replay', { timeout: 60_000 }, () => {
  let setting: Setting
  beforeAll(async () => {
    setting = await setUp({ record: { percent: 100 } })
    setting.upstream.reply(says('Paris'), says('Lyon'), says('Nice'))
    for (let at = 1; at <= 3; at++) {
      await setting.ask()
      await setting.recordings(at)
    }
  })
  afterAll(() => setting[Symbol.asyncDispose]())
  const replay = (...args: readonly string[]) =>
    sluice('replay', '--url', setting.gateway.url, '--key', 'operator', ...args)

  test('asks another target what was recorded, and prints a table', async () => {
    setting.other.reply(claudeSays('Paris'))
    const { code, stdout, stderr } = await replay('--target', 'other/claude', '--limit', '2', '--since', '1h')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const rows = stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(4)
    expect(rows[0]).toMatch(/^recording +model +target +outcome +ms +tokens out +(US dollars +)?similarity$/)
    for (const row of rows.slice(1, 3))
      expect(row).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12} +m +other\/claude +ok +\d+ → \d+ +2 → 3 +\d\.\d\d$/)
    expect(rows[3]).toMatch(/^2 in all +2 ok /)
    expect(setting.other.requests).toHaveLength(2)
  })

  test('asks the gateway of another config, in its own process', async () => {
    const folder = mkdtempSync(join(HERE, '.config-'))
    try {
      const config = join(folder, 'gateway.config.ts')
      writeFileSync(config, LOCAL)
      const { code, stdout, stderr } = await replay('--config', config, '--output', 'json')
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') })
      const { data, replayed, ok } = JSON.parse(stdout) as { data: object[]; replayed: number; ok: number }
      expect({ replayed, ok }).toEqual({ replayed: 3, ok: 3 })
      expect(data[0]).toMatchObject({ model: 'm', target: 'm', outcome: 'ok', mirrorOutputTokens: expect.any(Number) })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('counts what fails', async () => {
    const { code, stdout } = await replay('--target', 'nobody/model', '--limit', '1')
    expect(code).toBe(0)
    expect(stdout).toContain('model_not_found')
    expect(stdout).toMatch(/^1 in all +0 ok$/m)
  })

  test('is refused to those who may only read figures', async () => {
    const { code, stderr } = await replay('--key', 'reader', '--target', 'other/claude')
    expect(code).toBe(1)
    expect(stderr).toContain('routing:write')
  })
})

const LOCAL = `
import { defineConfig } from '@sluice/core'
import { echo } from '@sluice/provider-echo'

export default defineConfig({ models: { m: 'echo/echo' }, plugins: [echo()] })
`
