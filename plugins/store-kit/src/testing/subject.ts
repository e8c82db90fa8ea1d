/** What the suites are handed, and what they hand to their cases. */

/** `test` of vitest or node:test. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown

export interface Subject<T> {
  test: TestFunction
  /** Makes one that holds nothing. `now` tells the time, in milliseconds since the epoch; the suite sets it. */
  create: (now: () => number) => T | Setting<T> | Promise<T | Setting<T>>
  /**
   * `given` (default): time is what `now` says. `own`: it is that of a server; cases in which it has to stand still
   * or to leap are left out, the others wait for some milliseconds.
   */
  clock?: 'given' | 'own'
}

/** For what is used from several places: processes, replicas. */
export interface Setting<T> {
  /** All on the same data. */
  handles: readonly [T, ...T[]]
  /** Ends what was made. */
  close?: () => void | Promise<void>
}

/** What a case is about. */
export interface Scene<T> {
  one: T
  /** Another handle on the same data, if there are several. */
  other: T
  handles: readonly [T, ...T[]]
  now: () => number
  /** Lets milliseconds go by. */
  pass: (ms: number) => Promise<void>
}

type Case<T> = (name: string, run: (scene: Scene<T>) => Promise<void>) => void

/** `test` for cases that get something fresh each; `timed` for those that need to set the clock. */
export function casesOf<T extends object>({ test, create, clock }: Subject<T>): { test: Case<T>; timed: Case<T> } {
  const each: Case<T> = (name, run) =>
    void test(name, async () => {
      // Late enough for every calendar, and no round figure in any of them.
      let time = Date.UTC(2026, 10, 20, 13, 37, 21, 123)
      const made = await create(() => time)
      const { handles, close }: Setting<T> = 'handles' in made ? made : { handles: [made] }
      const own: Scene<T>['pass'] = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      const given: Scene<T>['pass'] = async (ms) => void (time += ms)
      const scene = { one: handles[0], other: handles.at(-1)!, handles }
      try {
        if (clock === 'own') await run({ ...scene, now: Date.now, pass: own })
        else await run({ ...scene, now: () => time, pass: given })
      } finally {
        await close?.()
      }
    })
  return { test: each, timed: clock === 'own' ? () => undefined : each }
}

/** Waits for what is to happen soon. @throws AssertionError of `check` if it still fails after a second */
export async function soon(check: () => void): Promise<void> {
  for (const end = performance.now() + 1000; ;) {
    try {
      return check()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}
