import type { JsonObject, Reasoning } from '@sluice/core'
import { requestOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { abilitiesOf } from '../src/chat/models.ts'
import { encodeFor } from './support.ts'

const ask = (model: string, reasoning: Reasoning) => {
  const { body, dropped } = encodeFor(model, requestOf([says('user', 'Hi')], { reasoning }))
  const config = body.generationConfig as JsonObject | undefined
  return { config: config?.thinkingConfig, dropped: Object.keys(dropped) }
}
const level = (thinkingLevel: string) => ({ thinkingLevel, includeThoughts: true })
const budget = (thinkingBudget: number) => ({ thinkingBudget, includeThoughts: true })
const reported = ['reasoning']

describe('how much to think, asked in another dialect', () => {
  test.each<[model: string, Reasoning, config: JsonObject | undefined, dropped?: string[]]>([
    ['gemini-3.1-pro-preview', { effort: 'high' }, level('HIGH')],
    ['gemini-3.1-pro-preview', { effort: 'xhigh' }, level('HIGH')],
    ['gemini-3.1-pro-preview', { effort: 'minimal' }, level('LOW'), reported],
    ['gemini-3.1-pro-preview', { effort: 'none' }, { thinkingLevel: 'LOW' }, reported],
    ['gemini-3-flash-preview', { effort: 'minimal' }, level('MINIMAL')],
    ['gemini-3-flash-preview', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, reported],
    ['gemini-3.8-flash', { budgetTokens: 1000 }, level('LOW')],
    ['gemini-3.8-flash', { budgetTokens: 5000 }, level('MEDIUM')],
    ['gemini-3.8-flash', { budgetTokens: 9000 }, level('HIGH')],
    ['gemini-3.8-flash', { adaptive: true }, { includeThoughts: true }],
    ['gemini-3.8-flash', { adaptive: true, effort: 'low' }, level('LOW')],
    ['gemini-flash-latest', { effort: 'medium' }, level('MEDIUM')],
    ['gemini-4-hydrogen', { effort: 'max' }, level('HIGH')],
    ['gemini-2.5-flash', { effort: 'low' }, budget(1024)],
    ['gemini-2.5-flash', { effort: 'medium' }, budget(8192)],
    ['gemini-2.5-flash', { effort: 'max' }, budget(24_576)],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { budgetTokens: 0 }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { budgetTokens: 99_999 }, budget(24_576), reported],
    ['gemini-2.5-flash', { adaptive: true }, budget(-1)],
    ['gemini-2.5-flash', { adaptive: true, effort: 'low' }, budget(1024)],
    ['gemini-2.5-flash-lite', { budgetTokens: 100 }, budget(512), reported],
    ['gemini-2.5-pro', { effort: 'max' }, budget(32_768)],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, reported],
    ['gemini-2.0-flash', { effort: 'low' }, undefined, reported],
    ['gemini-2.0-flash', { effort: 'none' }, undefined],
    ['tunedModels/mine', { effort: 'low' }, budget(1024)],
    ['gemini-2.5-flash', { effort: 'low', summary: 'omitted' }, { thinkingBudget: 1024, includeThoughts: false }],
    ['gemini-2.5-flash', { summary: 'concise' }, { includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'furious' }, undefined, reported],
    ['gemini-2.5-flash', {}, undefined],
  ])('%s %j', (model, reasoning, config, dropped = []) => {
    expect(ask(model, reasoning)).toEqual({ config, dropped })
  })
})

describe('what a model takes is told by its version', () => {
  test.each([
    ['gemini-1.5-pro', undefined, false],
    ['gemini-2.0-flash-001', undefined, false],
    ['gemini-2.5-pro-preview-06-05', 'budget', false],
    ['publishers/google/models/gemini-2.5-flash', 'budget', false],
    ['gemini-3-pro-preview', 'level', true],
    ['gemini-3.1-flash-lite-preview', 'level', true],
    ['gemini-10-x', 'level', true],
    ['gemini-pro-latest', 'level', true],
    ['gemma-3-27b-it', 'budget', false],
    ['my-deployment', 'budget', false],
  ])('%s', (model, by, signsCalls) => {
    const abilities = abilitiesOf(model)
    expect([abilities.thinking?.by, abilities.signsCalls]).toEqual([by, signsCalls])
  })

  test.each([
    ['gemini-3-flash-preview', 'minimal'],
    ['gemini-3.6-flash', 'minimal'],
    ['gemini-3.5-flash-lite', 'minimal'],
    ['gemini-3.8-flash', 'low'],
    ['gemini-3-pro-preview', 'low'],
    ['gemini-4-argon', 'low'],
  ])('%s thinks %s at least', (model, least) => expect(abilitiesOf(model).thinking).toMatchObject({ least }))
})
