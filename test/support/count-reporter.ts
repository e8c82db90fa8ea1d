/** For CI: ends a run with one line of figures, e.g. `tests: 812 passed, 0 failed`. */
import type { Reporter, TestModule } from 'vitest/node'

export class CountReporter implements Reporter {
  /** What failed outside any test counts as a failed test: a file that cannot be loaded, a stray rejection. */
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0
    let failed = errors.length
    for (const module of modules) {
      const results = Array.from(module.children.allTests(), (test) => test.result().state)
      const broken = results.filter((result) => result === 'failed').length
      passed += results.filter((result) => result === 'passed').length
      failed += broken === 0 && module.state() === 'failed' ? 1 : broken
    }
    process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`)
  }
}
