import { ANONYMOUS } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { captured, overlaps, parsePattern } from '../src/alias-pattern.ts'
import { Aliases } from '../src/aliases.ts'
import { languageOf, LANGUAGES } from '../src/language.ts'
import { compileShare } from '../src/share.ts'
import { compileText } from '../src/text-test.ts'
import type { TextPattern } from '../src/text-test.ts'
import { TimeZones } from '../src/time-window.ts'
import type { TimeWindow } from '../src/time-window.ts'
import { exchangeOf } from './support/exchange.ts'

describe('a time window', () => {
  // 2026-11-20 is a Friday; Berlin is an hour before UTC then, and two in summer.
  test.each<[TimeWindow, string, boolean]>([
    [{}, '2026-11-20T12:00Z', true],
    [{ from: '08:00', to: '18:00' }, '2026-11-20T08:00Z', true],
    [{ from: '08:00', to: '18:00' }, '2026-11-20T07:59:59.999Z', false],
    [{ from: '08:00', to: '18:00' }, '2026-11-20T17:59:59Z', true],
    [{ from: '08:00', to: '18:00' }, '2026-11-20T18:00Z', false],
    [{ from: '08:00' }, '2026-11-20T23:59Z', true],
    [{ to: '24:00' }, '2026-11-20T23:59Z', true],
    [{ from: '08:00', to: '18:00', zone: 'Europe/Berlin' }, '2026-11-20T07:00Z', true],
    [{ from: '08:00', to: '18:00', zone: 'Europe/Berlin' }, '2026-07-20T06:00Z', true],
    [{ from: '08:00', to: '18:00', zone: 'Europe/Berlin' }, '2026-11-20T06:00Z', false],
    [{ days: ['fri'] }, '2026-11-20T12:00Z', true],
    [{ days: ['sat', 'sun'] }, '2026-11-20T12:00Z', false],
    [{ days: ['sat'], zone: 'Asia/Tokyo' }, '2026-11-20T15:00Z', true],
    [{ days: ['fri'], from: '22:00', to: '06:00' }, '2026-11-20T22:00Z', true],
    [{ days: ['fri'], from: '22:00', to: '06:00' }, '2026-11-21T05:59Z', true],
    [{ days: ['fri'], from: '22:00', to: '06:00' }, '2026-11-21T06:00Z', false],
    [{ days: ['fri'], from: '22:00', to: '06:00' }, '2026-11-20T05:00Z', false],
    [{ days: ['sun'], from: '22:00', to: '06:00' }, '2026-11-23T01:00Z', true],
    [{ from: '12:00', to: '12:00' }, '2026-11-20T03:00Z', true],
  ])('%j at %s: %s', (window, at, expected) => {
    const isWithin = new TimeZones().compile(window)
    const now = Date.parse(at)
    expect(isWithin(now)).toBe(expected)
    expect(isWithin(now + 7 * 86_400_000)).toBe(expected)
    expect(isWithin(now)).toBe(expected)
  })
})

describe('a share', () => {
  const people = Array.from({ length: 5000 }, (_, index) => ({
    id: `p${index}`,
    key: `key_${index}`,
    user: `user_${index % 500}`,
  }))

  test.each([0, 10, 50, 100])('of %i percent is about that, the same each time, and all of a smaller one', (of) => {
    const isIn = compileShare({ of, by: 'key' }, 'salt')
    const isInMore = compileShare({ of: of + 5, by: 'key' }, 'salt')
    const chosen = people.filter((principal) => isIn(exchangeOf({ principal })))
    expect(Math.abs(chosen.length / people.length - of / 100)).toBeLessThan(0.02)
    expect(chosen.every((principal) => isIn(exchangeOf({ principal, id: 'other' })))).toBe(true)
    expect(chosen.every((principal) => isInMore(exchangeOf({ principal })))).toBe(true)
  })

  test('falls the same for all keys of a user, and apart for anonymous exchanges', () => {
    const isIn = compileShare(50, 'salt')
    for (let user = 0; user < 500; user++) {
      const verdicts = people
        .filter((_, index) => index % 500 === user)
        .map((principal) => isIn(exchangeOf({ principal })))
      expect(new Set(verdicts).size).toBe(1)
    }
    const anonymous = people.filter(({ id }) => isIn(exchangeOf({ principal: ANONYMOUS, id })))
    expect(Math.abs(anonymous.length / people.length - 0.5)).toBeLessThan(0.03)
  })

  test('is independent of one with another salt', () => {
    const [one, other] = [compileShare({ of: 50, by: 'key' }, 'one'), compileShare({ of: 50, by: 'key' }, 'other')]
    const both = people.filter((principal) => one(exchangeOf({ principal })) && other(exchangeOf({ principal })))
    expect(Math.abs(both.length / people.length - 0.25)).toBeLessThan(0.02)
  })
})

test.each<[TextPattern, unknown, boolean]>([
  [true, '', true],
  [true, undefined, false],
  [true, null, false],
  [false, undefined, true],
  [false, 0, false],
  ['a*', 'abc', true],
  ['a*', 'bca', false],
  ['a.c', 'abc', false],
  [['x', 'y'], 'y', true],
  ['7', 7, true],
  ['true', true, true],
  ['b', ['a', 'b'], true],
  ['b', ['a'], false],
  ['*', { a: 1 }, false],
  ['*', undefined, false],
])('%j asked of %j: %s', (pattern, value, expected) => {
  expect(compileText(pattern)(value)).toBe(expected)
})

describe('the language', () => {
  test.each([
    ['en', 'What is the capital of France?'],
    ['de', 'Wie geht es dir heute?'],
    ['fr', 'Peux-tu résumer cet article en trois phrases pour moi ?'],
    ['es', '¿Cuál es la capital de Francia?'],
    ['it', 'Riassumi questo articolo in tre frasi per me.'],
    ['pt', 'Resuma este artigo em três frases, você pode?'],
    ['nl', 'Wat is de hoofdstad van Frankrijk?'],
    ['pl', 'Jaka jest stolica Francji i co warto zobaczyć?'],
    ['sv', 'Vad är huvudstaden i Frankrike?'],
    ['da', 'Hvad er hovedstaden i Frankrig, og hvordan kommer jeg dertil?'],
    ['no', 'Hva er hovedstaden i Frankrike, og hvordan kommer jeg dit?'],
    ['fi', 'Mikä on Ranskan pääkaupunki?'],
    ['cs', 'Jaké je hlavní město Francie?'],
    ['ro', 'Care este capitala Franței și cum ajung acolo?'],
    ['hu', 'Mi a fővárosa Franciaországnak és hogyan jutok oda?'],
    ['tr', 'Fransa’nın başkenti nedir ve nasıl gidilir?'],
    ['id', 'Apa ibu kota Prancis dan bagaimana saya bisa ke sana?'],
    ['vi', 'Thủ đô của Pháp là gì?'],
    ['ru', 'Какая столица Франции? Это очень красивый город.'],
    ['uk', 'Яка столиця Франції?'],
    ['bg', 'Коя е столицата на Франция, в която съм бил?'],
    ['sr', 'Који је главни град Француске и како да стигнем тамо?'],
    ['el', 'Ποια είναι η πρωτεύουσα της Γαλλίας;'],
    ['he', 'מהי בירת צרפת?'],
    ['ar', 'ما هي عاصمة فرنسا؟'],
    ['fa', 'پایتخت فرانسه کجاست؟ لطفا بگو'],
    ['ur', 'فرانس کا دارالحکومت کیا ہے؟ بڑا شہر'],
    ['hi', 'फ्रांस की राजधानी क्या है?'],
    ['bn', 'ফ্রান্সের রাজধানী কী?'],
    ['ta', 'பிரான்சின் தலைநகரம் என்ன?'],
    ['th', 'เมืองหลวงของฝรั่งเศสคืออะไร'],
    ['ka', 'რა არის საფრანგეთის დედაქალაქი?'],
    ['am', 'የፈረንሳይ ዋና ከተማ ምንድን ነው?'],
    ['ja', 'フランスの首都はどこですか？'],
    ['zh', '请用 Python 写一个 hello world 程序'],
    ['ko', '프랑스의 수도는 어디입니까?'],
  ])('%s is told from %s', (language, text) => {
    expect(languageOf(text)).toBe(language)
    expect(LANGUAGES).toContain(language)
  })

  test.each(['', '12345 !?', 'xyzzy plugh', '😀😀'])('of "%s" is not known', (text) => {
    expect(languageOf(text)).toBeUndefined()
  })

  test('of anything is one of the list, or not known', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const language = languageOf(text)
        expect(language === undefined || LANGUAGES.includes(language)).toBe(true)
      }),
    )
  })
})

describe('families of names', () => {
  const name = fc.stringMatching(/^[ab/]{0,4}$/)
  const family = fc.stringMatching(/^[ab/]{0,3}\*[ab/]{0,3}$/)

  test('overlap if one name fits both', () => {
    fc.assert(
      fc.property(family, family, name, (one, other, text) => {
        const [a, b] = [parsePattern(one)!, parsePattern(other)!]
        if (captured(a, text) !== undefined && captured(b, text) !== undefined) expect(overlaps(a, b)).toBe(true)
        // What both ask for, one behind the other, fits both if they overlap.
        const longest = (x: string, y: string): string => (x.length > y.length ? x : y)
        const joined = longest(a.prefix, b.prefix) + longest(a.suffix!, b.suffix!)
        const fitsBoth = captured(a, joined) !== undefined && captured(b, joined) !== undefined
        expect(overlaps(a, b)).toBe(fitsBoth)
      }),
    )
  })

  test('that are accepted lead somewhere, whatever a client asks for', () => {
    const written = fc.dictionary(
      fc.oneof(
        family,
        name.filter((text) => text !== ''),
      ),
      fc.oneof(family, name),
      { maxKeys: 5 },
    )
    let accepted = 0
    fc.assert(
      fc.property(written, fc.array(fc.stringMatching(/^[ab/]{1,8}$/)), (all, asked) => {
        const aliases = new Aliases(all, (text) => text.startsWith('a/'))
        if (aliases.problems.length > 0) return
        accepted++
        for (const text of asked) {
          const end = aliases.resolve(text)
          if (end !== undefined) expect(aliases.resolve(end)).toBeUndefined()
        }
      }),
      { numRuns: 500 },
    )
    expect(accepted).toBeGreaterThan(50)
  })
})
