import { describe, expect, test } from 'vitest'
import { Calendar } from '../src/calendar.ts'
import type { CalendarPeriod } from '../src/calendar.ts'

describe('a window ends when the date of its time zone says so', () => {
  test.each<[CalendarPeriod, string, string, string, string]>([
    ['day', 'UTC', '2026-11-20T12:00:00Z', '2026-11-20', '2026-11-21T00:00:00.000Z'],
    ['day', 'UTC', '2026-11-20T00:00:00Z', '2026-11-20', '2026-11-21T00:00:00.000Z'],
    ['day', 'UTC', '2026-11-20T23:59:59.999Z', '2026-11-20', '2026-11-21T00:00:00.000Z'],
    ['day', 'Asia/Tokyo', '2026-11-20T16:00:00Z', '2026-11-21', '2026-11-21T15:00:00.000Z'],
    ['day', 'Asia/Kathmandu', '2026-11-20T16:00:00Z', '2026-11-20', '2026-11-20T18:15:00.000Z'],
    ['week', 'UTC', '2026-11-20T12:00:00Z', '2026-11-16', '2026-11-23T00:00:00.000Z'],
    ['week', 'UTC', '2026-11-22T23:59:59Z', '2026-11-16', '2026-11-23T00:00:00.000Z'],
    ['week', 'UTC', '2027-01-01T00:00:00Z', '2026-12-28', '2027-01-04T00:00:00.000Z'],
    ['month', 'UTC', '2026-11-20T12:00:00Z', '2026-11', '2026-12-01T00:00:00.000Z'],
    ['month', 'America/New_York', '2026-12-01T04:00:00Z', '2026-11', '2026-12-01T05:00:00.000Z'],
    ['month', 'UTC', '2028-02-01T00:00:00Z', '2028-02', '2028-03-01T00:00:00.000Z'],
    // Clocks forward: a day of 23 hours; back: of 25.
    ['day', 'Europe/Berlin', '2026-03-28T23:30:00Z', '2026-03-29', '2026-03-29T22:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-10-24T22:30:00Z', '2026-10-25', '2026-10-25T23:00:00.000Z'],
    ['week', 'America/New_York', '2026-10-31T12:00:00Z', '2026-10-26', '2026-11-02T05:00:00.000Z'],
    ['month', 'Europe/Berlin', '2026-03-31T12:00:00Z', '2026-03', '2026-03-31T22:00:00.000Z'],
    // Days that have no midnight: clocks go forward at 0:00.
    ['day', 'Africa/Cairo', '2026-04-23T12:00:00Z', '2026-04-23', '2026-04-23T22:00:00.000Z'],
    ['day', 'Asia/Beirut', '2026-03-28T12:00:00Z', '2026-03-28', '2026-03-28T22:00:00.000Z'],
    // A day that never was: Samoa went over the date line.
    ['day', 'Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29', '2011-12-30T10:00:00.000Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31', '2011-12-31T10:00:00.000Z'],
  ])('%s in %s at %s', (period, zone, now, name, until) => {
    const window = new Calendar(period, zone).at(Date.parse(now))
    expect([window.name, new Date(window.until).toISOString()]).toEqual([name, until])
  })
})

test.each<[CalendarPeriod, string, number]>([
  ['day', 'America/Havana', 1095],
  ['week', 'Europe/Lisbon', 157],
  ['month', 'Australia/Lord_Howe', 37],
])('windows (%s, %s) follow each other without gap or overlap for three years', (period, zone, count) => {
  const calendar = new Calendar(period, zone)
  const names = new Set<string>()
  let now = Date.parse('2025-01-01T12:00:00Z')
  while (now < Date.parse('2028-01-01T00:00:00Z')) {
    const { name, until } = calendar.at(now)
    expect(names.has(name)).toBe(false)
    names.add(name)
    expect(calendar.at(until - 1).name).toBe(name)
    now = until
  }
  expect(names.size).toBe(count)
})

test('a clock that is set back is in the window that it says', () => {
  const calendar = new Calendar('day', 'UTC')
  expect(calendar.at(Date.UTC(2026, 10, 20, 12)).name).toBe('2026-11-20')
  expect(calendar.at(Date.UTC(2026, 10, 19, 12)).name).toBe('2026-11-19')
  expect(calendar.at(Date.UTC(2026, 10, 20, 12)).name).toBe('2026-11-20')
})

test('a time zone that is none is refused, with the one that was meant', () => {
  expect(() => new Calendar('day', 'Europe/Berlim')).toThrow(/no time zone.*Did you mean "Europe\/Berlin"/)
})
