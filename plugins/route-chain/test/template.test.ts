import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Data } from '../src/data.ts'
import { LONGEST, render } from '../src/render.ts'
import { parseTemplate } from '../src/template.ts'

const data: Data = {
  input: 'Hello <b>& "you"',
  conversation: [
    { role: 'user', text: 'Hi' },
    { role: 'assistant', text: 'Hello' },
  ],
  steps: {
    topic: { text: 'T', json: { name: 'parcels', n: 0, list: [{ id: 1 }, { id: 2 }], none: [], deep: { er: [true] } } },
    each: { text: 'a\n\nb', items: [{ text: 'a' }, { text: 'b' }] },
  },
}
const filled = (template: string, from = data): string => render(parseTemplate(template), from)

describe('a template', () => {
  test.each([
    ['values', '{{input}} / {{ steps.topic.json.name }}', 'Hello <b>& "you" / parcels'],
    ['what is no text as JSON', '{{steps.topic.json.deep}} {{steps.topic.json.n}}', '{"er":[true]} 0'],
    ['items and lengths of lists', '{{steps.topic.json.list.1.id}} of {{steps.topic.json.list.length}}', '2 of 2'],
    ['nothing for what is not there', '[{{steps.other.text}}{{steps.topic.json.deep.x.y}}]', '[]'],
    ['no inherited fields', '[{{steps.topic.json.constructor}}{{steps.topic.json.list.map}}{{input.length}}]', '[]'],
    ['lists', '{{#steps.topic.json.list}}<{{id}}>{{/steps.topic.json.list}}', '<1><2>'],
    ['the item itself', '{{#steps.topic.json.list}}{{.}}{{.id}}{{/steps.topic.json.list}}', '{"id":1}1{"id":2}2'],
    ['the root from within a list', '{{#steps.topic.json.list}}{{steps.topic.text}}{{/steps.topic.json.list}}', 'TT'],
    ['sections of what is there', '{{#steps.topic}}yes{{/steps.topic}}{{#steps.other}}no{{/steps.other}}', 'yes'],
    [
      'inverted ones',
      '{{^steps.other}}yes{{/steps.other}}{{^steps.topic.json.none}}none{{/steps.topic.json.none}}',
      'yesnone',
    ],
    ['nothing for a false section', '{{#steps.topic.json.n}}x{{/steps.topic.json.n}}', ''],
    ['no comments', 'a{{! b {{c }}d', 'ad'],
    ['braces that are meant', '\\{{input}} {', '{{input}} {'],
    [
      'no lines that hold but a tag',
      'A\n{{#steps.each.items}}\n- {{text}}\n{{/steps.each.items}}\nB',
      'A\n- a\n- b\nB',
    ],
    ['lines that hold more', 'A {{#steps.topic}}\nB\n{{/steps.topic}}', 'A \nB\n'],
    ['a conversation', '{{#conversation}}{{role}}: {{text}}\n{{/conversation}}', 'user: Hi\nassistant: Hello\n'],
  ])('writes %s', (_, template, text) => {
    expect(filled(template)).toBe(text)
  })

  test.each([
    ['Hi {{input', 'line 1, column 4: "{{" without "}}"'],
    ['\n  {{#input}}', 'line 2, column 3: the section "input" is never closed'],
    ['{{#input}}{{/steps}}', 'line 1, column 11: {{/steps}} closes nothing: expected {{/input}}'],
    ['x\n{{/input}}', 'line 2, column 1: {{/input}} closes nothing: no section is open'],
    ['{{{input}}}', 'line 1, column 1: {{{ is not supported'],
    ['{{> input}}', 'is not supported'],
    ['{{=<% %>=}}', 'is not supported'],
    ['{{input()}}', '"input()" is no name'],
    ['{{}}', '"" is no name'],
    ['{{steps..text}}', '"steps..text" is no name'],
  ])('%j is refused, with the place', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(message)
  })

  test('is never made of what is put into it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('{{input}}', '{{#steps.topic}}', '{{/x}}', '\\{{')),
        (input) => {
          expect(filled('<{{input}}>', { ...data, input })).toBe(`<${input}>`)
        },
      ),
    )
  })

  test('is what it says where it says nothing of values', () => {
    const plain = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('{{'))
    fc.assert(
      fc.property(plain, (text) => {
        expect(filled(text)).toBe(text)
      }),
    )
  })

  test('either fails with a place or renders, whatever it is', () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      '#',
      '^',
      '/',
      '!',
      '.',
      'input',
      'steps.topic.json.list',
      ' ',
      '\n',
      'id',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
        try {
          expect(typeof filled(list.join(''))).toBe('string')
        } catch (error) {
          expect((error as Error).message).toMatch(/^line \d+, column \d+: /)
        }
      }),
    )
  })

  test('does not grow without bound, nor work on it', () => {
    const long = { ...data, input: 'x'.repeat(LONGEST / 2) }
    expect(() => filled('{{input}}{{input}}', long)).toThrow('longer than')
    const list = Array.from({ length: 2000 }, () => 1)
    const many: Data = { ...data, steps: { a: { text: '', json: { list } } } }
    const nested = '{{#steps.a.json.list}}'.repeat(4) + '{{/steps.a.json.list}}'.repeat(4)
    expect(() => filled(nested, many)).toThrow('longer than')
  })
})
