/** A budget as it is written → what is claimed of it. */
import { invalidRequest } from '@sluice/core'
import type { BudgetSection } from '@sluice/limit-kit'
import type { Claim } from '@sluice/store-kit'
import type { NanoUsd } from '@sluice/usage-kit'
import { calendarOf } from './calendar.ts'
import type { Calendar, CalendarPeriod } from './calendar.ts'

const DAY = 86_400_000
const FOREVER = { name: '', until: Infinity }

/** What budgets of rules, and those of keys, users, teams and organisations, have in common. */
export class Budget {
  readonly name: string
  /** Part of the amount, 1 if no alert is wanted. */
  readonly softAt: number
  readonly wantsAlert: boolean
  /** `$5.00 a month` */
  readonly text: string
  readonly #prefix: string
  readonly #amount: NanoUsd
  readonly #increase: NanoUsd
  readonly #increasedUntil: number
  readonly #calendar: Calendar | undefined
  /** Milliseconds of a rolling period, else 0. */
  readonly #rolling: number

  /** @param prefix of its counters, unique @throws GatewayError `invalid_request` if there is no such time zone or date */
  constructor(name: string, section: BudgetSection, timeZone: string, prefix: string) {
    const { amount, period, softAt, increase } = section
    this.name = name
    this.softAt = softAt ?? 1
    this.wantsAlert = softAt !== undefined
    this.text = `${asDollars(nano(amount))} ${period === 'total' ? 'in total' : period.endsWith('d') ? `in ${period.slice(0, -1)} days` : `a ${period}`}`
    this.#prefix = `${prefix}|${period}`
    this.#amount = nano(amount)
    this.#increase = increase ? nano(increase.amount) : 0
    this.#increasedUntil = increase ? momentOf(increase.until) : -Infinity
    this.#rolling = period.endsWith('d') ? Number(period.slice(0, -1)) * DAY : 0
    const isCalendar = this.#rolling === 0 && period !== 'total'
    this.#calendar = isCalendar ? calendarOf(period as CalendarPeriod, timeZone) : undefined
  }

  /** @param suffix whose: the rest of the counter's name */
  claim(suffix: string, amount: NanoUsd, now: number): Claim {
    const limit = this.#amount + (now < this.#increasedUntil ? this.#increase : 0)
    if (this.#rolling > 0) return { kind: 'bucket', key: this.#prefix + suffix, amount, limit, period: this.#rolling }
    const { name, until } = this.#calendar?.at(now) ?? FOREVER
    return { kind: 'window', key: `${this.#prefix}:${name}${suffix}`, amount, limit, until }
  }
}

function momentOf(text: string): number {
  const moment = Date.parse(text)
  if (Number.isNaN(moment))
    throw invalidRequest(`"${text}" is no date: there is no such day or hour.`, 'increase.until')
  return moment
}

function nano(dollars: number): NanoUsd {
  return Math.max(1, Math.round(dollars * 1e9))
}

/** Two digits, or as many as it takes to show that it is something. */
export function asDollars(nanoUsd: NanoUsd): string {
  const amount = nanoUsd / 1e9
  return `$${amount >= 1 || amount === 0 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toFixed(9).replace(/0+$/, '')}`
}
