import { Duration, Size, Type } from '@sluice/core'
import { expect, test } from 'vitest'
import { withOptionsTable } from './options-table.ts'

const readme = (table: string): string => `# x\n\n<!-- options:start -->\n${table}\n<!-- options:end -->\n\nrest\n`

test('a row says name, type, default and meaning; what an object holds follows it', () => {
  const options = Type.Object({
    key: Type.String({ description: 'Needed.' }),
    wait: Duration('A time.', '3s'),
    size: Type.Optional(Size('A size.')),
    mode: Type.Enum(['on', 'off'], { default: 'on', description: 'Which.' }),
    names: Type.Optional(Type.Record(Type.String(), Type.Number(), { description: 'Some.' })),
    either: Type.Optional(Type.Union([Type.Boolean(), Type.Literal('auto')], { description: 'a | b' })),
    deep: Type.Optional(
      Type.Object(
        { rules: Type.Array(Type.Object({ max: Type.Integer({ description: 'Top.' }) }), { description: 'All.' }) },
        { description: 'In.' },
      ),
    ),
  })
  const rows = [
    '| Option | Type | Default | Meaning |',
    '| --- | --- | --- | --- |',
    '| `key` | string | required | Needed. |',
    `| \`wait\` | duration | \`'3s'\` | A time. |`,
    '| `size` | size | – | A size. |',
    `| \`mode\` | \`'on'\` \\| \`'off'\` | \`'on'\` | Which. |`,
    '| `names` | names → number | – | Some. |',
    `| \`either\` | boolean \\| \`'auto'\` | – | a \\| b |`,
    '| `deep` | object | – | In. |',
    '| `deep.rules` | list of object | required | All. |',
    '| `deep.rules[].max` | integer | required | Top. |',
  ]
  expect(withOptionsTable(readme('old'), options)).toBe(readme(rows.join('\n')))
})

test('a plugin without options says so, and what stands around the table stays', () => {
  expect(withOptionsTable(readme('old'), undefined)).toBe(readme('This plugin has no options.'))
  expect(withOptionsTable(readme('old'), Type.Object({}))).toBe(readme('This plugin has no options.'))
  expect(() => withOptionsTable('# no marks', undefined)).toThrow('no place')
})
