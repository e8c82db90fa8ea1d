/** Days, weeks and months of a time zone: which one is now, and when it ends. */
import { didYouMean, invalidRequest } from '@sluice/core'

export const CALENDAR_PERIODS = ['day', 'week', 'month'] as const
export type CalendarPeriod = (typeof CALENDAR_PERIODS)[number]
/** `until`: milliseconds since the epoch. */
export type Window = { name: string; until: number }

const DAY = 86_400_000
/** Longer than any of them, clocks that are put back included. */
const LONGEST: { readonly [P in CalendarPeriod]: number } = { day: 2 * DAY, week: 9 * DAY, month: 33 * DAY }

/**
 * Asks for the time zone's date only when a window has ended. A window ends when the date says so, wherever clocks are
 * put forward or back, and whichever hours or days there never were.
 */
export class Calendar {
  readonly #period: CalendarPeriod
  readonly #format: Intl.DateTimeFormat
  #window: Window = { name: '', until: -Infinity }
  #since = Infinity

  constructor(period: CalendarPeriod, timeZone: string) {
    this.#period = period
    this.#format = formatIn(timeZone)
  }

  /** The window that a moment is in. */
  at(now: number): Window {
    // A clock may be set back, too.
    if (now >= this.#window.until || now < this.#since) {
      this.#window = this.#find(now)
      this.#since = now
    }
    return this.#window
  }

  #find(now: number): Window {
    const name = this.#nameAt(now)
    let [before, after] = [now, now + LONGEST[this.#period]]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.#nameAt(middle) === name) before = middle
      else after = middle
    }
    return { name, until: after }
  }

  /** `2026-11-20`; of a week its Monday; `2026-11`. */
  #nameAt(time: number): string {
    const parts = this.#format.formatToParts(time)
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)!.value
    const date = `${part('year')}-${part('month')}-${part('day')}`
    if (this.#period === 'day') return date
    if (this.#period === 'month') return date.slice(0, -3)
    const noon = Date.parse(`${date}T12:00:00Z`)
    return new Date(noon - ((new Date(noon).getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10)
  }
}

/** Many keys have the same kind of budget, and formats of dates are large. */
const calendars = new Map<string, Calendar>()

/** The calendar for a period and a time zone. @throws GatewayError `invalid_request` if there is no such time zone */
export function calendarOf(period: CalendarPeriod, timeZone: string): Calendar {
  const name = `${period} ${timeZone}`
  const known = calendars.get(name)
  if (known) return known
  const calendar = new Calendar(period, timeZone)
  calendars.set(name, calendar)
  return calendar
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
  } catch {
    const guess = didYouMean(timeZone, Intl.supportedValuesOf('timeZone'))
    throw invalidRequest(`"${timeZone}" is no time zone. Use a name as "Europe/Berlin" or "UTC".${guess}`, 'timeZone')
  }
}
