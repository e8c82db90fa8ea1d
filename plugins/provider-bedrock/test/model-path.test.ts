import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathFor } from '../src/model-path.ts'

const MODEL = 'anthropic.claude-3-haiku-20240307-v1:0'
const PATH = '/model/anthropic.claude-3-haiku-20240307-v1%3A0'

describe('the path', () => {
  test.each([
    [MODEL, PATH],
    [
      'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.meta.llama3',
      '/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.meta.llama3',
    ],
  ])('names the model %s, escaped', (model, path) => {
    expect([pathFor('chat', model, false), pathFor('chat', model, true)]).toEqual([
      `${path}/converse`,
      `${path}/converse-stream`,
    ])
  })

  test('is that of the operation', () => {
    expect(pathFor('count-tokens', MODEL, false)).toBe(`${PATH}/count-tokens`)
    expect(pathFor('embeddings', MODEL, false)).toBe(`${PATH}/invoke`)
    expect(pathFor('rerank', MODEL, false)).toBe(`${PATH}/invoke`)
    expect(pathFor('images', MODEL, false)).toBeUndefined()
  })

  test.each([`us.${MODEL}`, `us-gov.${MODEL}`, `global.${MODEL}`, MODEL])(
    'names for a count the model itself, not its profile: %s',
    (profile) => {
      expect(pathFor('count-tokens', profile, false)).toBe(`${PATH}/count-tokens`)
      expect(pathFor('chat', profile, false)).toBe(`/model/${encodeURIComponent(profile)}/converse`)
    },
  )

  test.each(['', '..', '.', '../x', '/x', 'a b', 'a?b', 'a#b', 'a%2Fb', 'ä', 'x'.repeat(3000)])(
    'refuses %j',
    (model) => {
      for (const operation of ['chat', 'count-tokens', 'embeddings', 'rerank'] as const)
        expect(() => pathFor(operation, model, false)).toThrow(
          expect.objectContaining({ code: 'invalid_request', param: 'model' }),
        )
    },
  )

  test('of a count is never that of what is left of a strange name', () => {
    expect(() => pathFor('count-tokens', 'us...', false)).toThrow(expect.objectContaining({ param: 'model' }))
  })
})

test('whatever the model is called, the path leads nowhere else, or there is none', () => {
  const name = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9][\w.:/+-]{0,40}$/))
  fc.assert(
    fc.property(name, (model) => {
      try {
        const [, first, middle, last, ...more] = pathFor('chat', model, false)!.split('/')
        expect([first, decodeURIComponent(middle!), last, more]).toEqual(['model', model, 'converse', []])
        expect(middle).toMatch(/^[\w.%-]+$/)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' })
      }
    }),
  )
})
