import type { TestFunction } from '../../src/testing/index.ts'

/** Runs what a suite registers and gives the names of the checks that failed. */
export async function failures(register: (test: TestFunction) => void): Promise<string[]> {
  const checks: { name: string; run: () => unknown }[] = []
  register((name, run) => checks.push({ name, run }))
  const failed: string[] = []
  for (const { name, run } of checks) {
    try {
      await run()
    } catch {
      failed.push(name)
    }
  }
  return failed
}
