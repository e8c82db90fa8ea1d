import { GatewayError } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { describe, expect, test } from 'vitest'
import { chains } from '../src/index.ts'
import type { ChainOptions } from './support/setting.ts'

type Steps = ChainOptions['steps']
type Step = Steps[string]

async function problems(chain: ChainOptions, name = 'c', models = {}): Promise<string> {
  try {
    const gateway = await createTestGateway({
      models: { m: 'echo/echo', ...models },
      plugins: [openaiDialect(), echo(), chains({ chains: { [name]: chain } })],
    })
    await gateway.close()
    return 'none'
  } catch (error) {
    if (!GatewayError.is(error)) throw error
    return `${error.code} ${error.message}`
  }
}

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    list: { type: 'array', items: { type: 'object', properties: { id: { type: 'number' } } } },
    any: {},
    open: { type: 'object', properties: { x: {} }, additionalProperties: true },
    either: { anyOf: [{ type: 'object', properties: { x: {} } }, { type: 'null' }] },
    perhaps: { type: ['object', 'null'], properties: { y: { type: ['string', 'number'] } } },
  },
}
/** A step with a schema, one without, one for a list, and the one in question. */
const around = (step: Step): ChainOptions => ({
  steps: {
    data: { model: 'm', prompt: '{{input}}', schema },
    plain: { model: 'm', prompt: '{{input}}' },
    all: { model: 'm', prompt: '{{item.id}} {{index}}', each: 'steps.data.json.list' },
    keep: { set: '{{steps.data.text}}{{steps.plain.text}}{{steps.all.text}}' },
    end: step,
  },
  output: ['end', 'keep'],
})
const prompting = (prompt: string): ChainOptions => around({ model: 'm', prompt })

describe('at boot, a template', () => {
  test.each([
    ['{{steps.data.json.name}} {{steps.data.text}} {{steps.plain.text}}'],
    ['{{steps.data.json.list.0.id}} {{steps.data.json.list.length}}'],
    [
      '{{steps.data.json.any.thing.at.all}} {{steps.data.json.open.other}} {{steps.data.json.either.x}} {{steps.data.json.perhaps.y}}',
    ],
    ['{{#steps.data.json.list}}{{id}}{{/steps.data.json.list}}'],
    ['{{#steps.data.json.any}}{{whatever}}{{/steps.data.json.any}}'],
    ['{{#steps.all.items}}{{text}}{{/steps.all.items}}'],
    ['{{#conversation}}{{role}}: {{text}}{{#steps.plain}}{{text}}{{/steps.plain}}{{/conversation}}'],
    ['{{^steps.plain}}skipped{{/steps.plain}}{{conversation}}'],
  ])('may say %s', async (prompt) => {
    expect(await problems(prompting(prompt))).toBe('none')
  })

  test.each([
    ['{{imput}}', 'line 1, column 1: unknown name "imput". Allowed: input, conversation, steps. Did you mean "input"?'],
    [
      'a\n  {{steps.dta.text}}',
      'line 2, column 3: unknown name "dta" in steps. Allowed: data, plain, all, keep, end. Did you mean "data"?',
    ],
    [
      '{{steps.plain.json.name}}',
      'unknown name "json" in steps.plain. Allowed: text. A step has "json" if it has a schema.',
    ],
    [
      '{{steps.data.json.nam}}',
      'unknown name "nam" in steps.data.json. Allowed: name, list, any, open, either, perhaps. Did you mean "name"?',
    ],
    ['{{steps.data.json.name.first}}', 'unknown name "first" in steps.data.json.name, which has no fields'],
    ['{{steps.data.json.list.id}}', 'unknown name "id" in steps.data.json.list, which is a list'],
    [
      '{{#steps.data.json.list}}{{ids}}{{/steps.data.json.list}}',
      'unknown name "ids". Allowed: id. Did you mean "id"?',
    ],
    ['{{steps.plain}}', '"steps.plain" is a step: write steps.plain.text'],
    ['{{steps}}', '"steps" alone says nothing'],
    ['{{item}}', 'unknown name "item"'],
    [
      '{{#steps.plain}}{{name}}{{/steps.plain}}',
      'unknown name "name": only the section of a list has names of its own',
    ],
    ['{{#input}}', 'line 1, column 1: the section "input" is never closed'],
  ])('may not say %j', async (prompt, message) => {
    const told = await problems(prompting(prompt))
    expect(told).toContain(`config_invalid`)
    expect(told).toContain(`chains.c.steps.end.prompt: `)
    expect(told).toContain(message)
  })
})

const refused: [name: string, chain: ChainOptions, message: string][] = [
  ['neither model nor set', around({ prompt: 'x' }), 'steps.end: give it either a model to ask or a text to set'],
  ['both', around({ model: 'm', prompt: 'x', set: 'y' }), 'steps.end: give it either a model'],
  ['nothing to ask', around({ model: 'm' }), 'steps.end: has nothing to ask'],
  [
    'a text with a schema',
    around({ set: 'x', schema }),
    'steps.end.schema: has no meaning in a step that asks no model',
  ],
  [
    'a model that is not there',
    around({ model: 'mm', prompt: 'x' }),
    'chains.c.steps.end: there is no model "mm". Did you mean "m"?',
  ],
  ['a provider that is not there', around({ model: 'ecko/x', prompt: 'x' }), 'there is no model "ecko/x"'],
  ['a chain that is not there', around({ model: 'chain/x', prompt: 'x' }), 'there is no model "chain/x"'],
  [
    'a fallback that is not there',
    around({ model: 'm', prompt: 'x', fallback: { model: 'no' } }),
    'there is no model "no"',
  ],
  [
    'a fallback step that is not there',
    around({ model: 'm', prompt: 'x', fallback: { step: 'plane' } }),
    'steps.end.fallback.step: there is no step "plane". Did you mean "plain"?',
  ],
  ['two fallbacks', around({ model: 'm', prompt: 'x', fallback: { step: 'plain', text: 'x' } }), 'steps.end.fallback'],
  [
    'a text that does not fit',
    around({ model: 'm', prompt: 'x', schema, onError: { text: '{"name":1}' } }),
    'steps.end.onError.text: does not fit the schema: /name must be string',
  ],
  [
    'a text that is never come to',
    around({ model: 'm', prompt: 'x', fallback: { text: 'x' }, onError: 'skip' }),
    'steps.end.onError: is never come to',
  ],
  ['a schema that is none', around({ model: 'm', prompt: 'x', schema: { type: 'objekt' } }), 'steps.end.schema: '],
  [
    'a schema that is elsewhere',
    around({ model: 'm', prompt: 'x', schema: { $ref: 'https://example.com/s' } }),
    'steps.end.schema: ',
  ],
  [
    'patterns of properties',
    around({ model: 'm', prompt: 'x', schema: { patternProperties: { '^a': {} } } }),
    'steps.end.schema: patternProperties is not supported',
  ],
  [
    'a list that is none',
    around({ model: 'm', prompt: 'x', each: 'steps.data.json.name' }),
    'steps.end.each: "steps.data.json.name" is no list',
  ],
  [
    'a list that is not there',
    around({ model: 'm', prompt: 'x', each: 'steps.data.json.lists' }),
    'steps.end.each: unknown name "lists"',
  ],
  [
    'an item of no such field',
    around({ model: 'm', prompt: '{{item.idd}}', each: 'steps.data.json.list' }),
    'unknown name "idd" in item',
  ],
  [
    'a condition on what is not there',
    around({ set: 'x', if: { step: 'plain', path: 'json.x', exists: true } }),
    'steps.end.if: unknown name "json" in steps.plain',
  ],
  [
    'a condition on no step',
    around({ set: 'x', unless: { step: 'plan', exists: true } }),
    'steps.end.unless: unknown name "plan" in steps',
  ],
  [
    'a condition that says nothing',
    around({ set: 'x', if: { step: 'plain' } }),
    'steps.end.if: says nothing of steps.plain.text',
  ],
  [
    'a misspelt condition',
    around({ set: 'x', if: { step: 'plain', equal: 'x' } as never }),
    'if.equal: unknown option',
  ],
  ['waiting for nobody', around({ set: 'x', after: ['nobody'] }), 'steps.end.after: there is no step "nobody"'],
  ['waiting for itself', around({ set: '{{steps.end.text}}' }), 'chains.c.steps: these wait for each other: end → end'],
  [
    'a circle',
    {
      steps: {
        a: { set: '{{steps.b.text}}' },
        b: { set: 'x', after: ['d'] },
        d: { model: 'm', prompt: 'x', fallback: { step: 'a' } },
      },
      output: 'a',
    },
    'these wait for each other: a → b → d → a',
  ],
  [
    'no output',
    { steps: { a: { set: 'x' } }, output: 'aa' },
    'chains.c.output: there is no step "aa". Did you mean "a"?',
  ],
  [
    'a step for nothing',
    { steps: { a: { set: 'x' }, b: { set: 'y' } }, output: 'a' },
    'chains.c.steps.b: nothing that leads to the output refers to it',
  ],
  ['no steps', { steps: {}, output: 'a' }, 'chains.c.steps'],
  ['a name that is none', { steps: { 'a b': { set: 'x' } }, output: 'a b' }, 'chains.c.steps'],
]

test.each(refused)('at boot, a chain is refused that has %s', async (_, chain, message) => {
  expect(await problems(chain)).toContain(message)
})

test('at boot, all mistakes are told at once', async () => {
  const told = await problems({ steps: { a: { set: '{{x}}' }, b: { model: 'm' } }, output: 'd' })
  for (const message of ['unknown name "x"', 'has nothing to ask', 'there is no step "d"'])
    expect(told).toContain(message)
})

describe('at boot, a name', () => {
  const chain: ChainOptions = { steps: { a: { set: 'x' } }, output: 'a' }

  test('that no model may have is refused', async () => {
    for (const name of ['a/b', 'a\nb', 'a..b', '']) expect(await problems(chain, name)).toContain('plugin_options')
  })

  test('that a model of the config has is refused, unless that is the chain', async () => {
    expect(await problems(chain, 'm')).toContain('chains.m: the config has a model of this name')
    expect(await problems(chain, 'm', { m: { targets: ['chain/m', 'echo/echo'] } })).toBe('none')
  })

  test('of a target that is no chain is refused', async () => {
    expect(await problems(chain, 'c', { x: 'chain/d' })).toContain('the target "chain/d" is no chain')
  })
})
