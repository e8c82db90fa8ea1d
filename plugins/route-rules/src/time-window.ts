/** Hours of the week in some time zone. */
import { invalidRequest, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const MINUTE = 60_000
const WHOLE_DAY = 24 * 60

const time = (description: string) =>
  Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
      examples: ['08:30'],
      description,
    }),
  )

export const TimeWindow = Type.Object(
  {
    days: Type.Optional(
      Type.Array(Type.Enum([...DAYS]), {
        minItems: 1,
        uniqueItems: true,
        description: 'Days on which it begins; without it, all.',
      }),
    ),
    from: time('When it begins, e.g. `08:30`; without it, midnight.'),
    to: time('When it ends; not after `from` means on the next day. Without it, midnight.'),
    zone: Type.Optional(Type.String({ description: 'Time zone, e.g. `Europe/Berlin`; without it, `UTC`.' })),
  },
  { additionalProperties: false },
)
export type TimeWindow = Static<typeof TimeWindow>

/** Weekday (0 is Monday) and minute of the day in one time zone. Works it out once a minute. */
class ZoneClock {
  day = 0
  minute = 0
  readonly #format: Intl.DateTimeFormat
  #at = NaN

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  }

  set(now: number): void {
    const at = Math.floor(now / MINUTE)
    if (at === this.#at) return
    this.#at = at
    const parts = this.#format.formatToParts(now)
    const part = (type: string): string => parts.find((each) => each.type === type)!.value
    this.day = DAYS.indexOf(part('weekday').toLowerCase() as (typeof DAYS)[number])
    this.minute = Number(part('hour')) * 60 + Number(part('minute'))
  }
}

/** Compiles windows; those of one time zone share a clock. */
export class TimeZones {
  readonly #clocks = new Map<string, ZoneClock>()

  /** @returns whether a moment, in milliseconds since the epoch, is within. @throws `invalid_request` if there is no such time zone */
  compile({ days, from = '00:00', to = '24:00', zone = 'UTC' }: TimeWindow): (now: number) => boolean {
    const clock = this.#clockOf(zone)
    const begin = minutes(from)
    const end = minutes(to)
    const onDay = DAYS.map((day) => !days || days.includes(day))
    const overnight = end <= begin
    return (now) => {
      clock.set(now)
      const { day, minute } = clock
      if (!overnight) return onDay[day]! && minute >= begin && minute < end
      return (onDay[day]! && minute >= begin) || (onDay[(day + 6) % 7]! && minute < end)
    }
  }

  #clockOf(zone: string): ZoneClock {
    const known = this.#clocks.get(zone)
    if (known) return known
    try {
      const clock = new ZoneClock(zone)
      this.#clocks.set(zone, clock)
      return clock
    } catch {
      throw invalidRequest(
        `There is no time zone "${zone.slice(0, 40)}". Write it as "Europe/Berlin" or "UTC".`,
        'zone',
      )
    }
  }
}

function minutes(text: string): number {
  const [hours, rest] = text.split(':')
  return Math.min(Number(hours) * 60 + Number(rest), WHOLE_DAY)
}
