/** Each dialect's page on translation says what its codec does, and nothing gets lost without a word. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PAIRS } from '../support/dialect-names.ts'
import type { DialectName } from '../support/dialect-names.ts'
import { Package, ROOT } from './packages.ts'
import { translationPage } from './translation/page.ts'
import { requestRows } from './translation/request-rows.ts'

const PAGE = 'TRANSLATION.md'
/** The dialects of each plugin that clients speak. */
const CLIENTS: { readonly [plugin: string]: readonly DialectName[] } = {
  'dialect-openai': ['openai-chat', 'openai-responses'],
  'dialect-anthropic': ['anthropic'],
  'dialect-gemini': ['gemini'],
  'dialect-cohere': ['cohere'],
  'dialect-bedrock': ['bedrock'],
}

test.each(Object.entries(CLIENTS))('%s has the page that its codec makes', (name, clients) => {
  const plugin = new Package(`plugins/${name}`)
  const page = translationPage(clients)
  if (process.env['UPDATE_README']) writeFileSync(join(ROOT, plugin.path, PAGE), page)
  else {
    expect(existsSync(join(ROOT, plugin.path, PAGE)), `${plugin.path}/${PAGE}`).toBe(true)
    expect(plugin.read(PAGE), 'UPDATE_README=1 pnpm vitest run … test/repo writes the page').toBe(page)
  }
})

describe('what a client asks for', () => {
  const pairs = PAIRS.filter(({ client, upstream }) => client !== upstream)
  test.each(pairs)('is never lost without a word: $client client, $upstream upstream', (pair) => {
    const lost = requestRows(pair).filter(({ said, outcome, isDispensable }) => {
      return outcome.kind === 'silent' && said.length > 0 && !isDispensable
    })
    expect(lost.map(({ name }) => name)).toEqual([])
  })
})
