/** What happened at a target, as processes tell each other: sums over the time since they told last. */
const FIGURES = [
  /** Attempts under way now. */
  'busy',
  /** Attempts begun, and tokens they took. */
  'requests',
  'tokens',
  /** Attempts that went well, and those that the target is to blame for. */
  'ok',
  'bad',
  /** Milliseconds that the target wants to be left alone. */
  'rest',
  /** Milliseconds until the first byte of streams, tokens a second: sums, and of how many. */
  'ttft',
  'ttfts',
  'whole',
  'wholes',
  'speed',
  'speeds',
] as const

export type News = { [Name in (typeof FIGURES)[number]]: number }

export function noNews(busy: number): News {
  const rest = { ok: 0, bad: 0, rest: 0, ttft: 0, ttfts: 0, whole: 0, wholes: 0, speed: 0, speeds: 0 }
  return { busy, requests: 0, tokens: 0, ...rest }
}

export function isNews(value: unknown): value is News {
  if (typeof value !== 'object' || value === null) return false
  // Tokens that were counted too much are taken back; nothing else is less than none.
  return FIGURES.every((name) => {
    const figure = (value as Partial<News>)[name]
    return Number.isFinite(figure) && (name === 'tokens' || figure! >= 0)
  })
}

/** Both as one. */
export function joinNews(earlier: News, later: News): News {
  const joined = noNews(later.busy)
  for (const name of FIGURES) if (name !== 'busy') joined[name] = earlier[name] + later[name]
  joined.rest = Math.max(earlier.rest, later.rest)
  return joined
}
