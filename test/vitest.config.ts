import { defineConfig } from 'vitest/config'
import { CountReporter } from './support/count-reporter.ts'

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['core/test/**/*.test.ts', 'plugins/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    isolate: false,
    testTimeout: 15_000,
    // What is waited for comes late on a busy machine; that it never comes is what fails.
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', new CountReporter()],
  },
})
