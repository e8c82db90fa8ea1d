import { complain, styled } from './report.ts'

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

/** Says on standard error what went wrong. @returns the exit code */
export function failed(error: unknown): 1 | 2 {
  if (!(error instanceof UsageError)) {
    complain(error)
    return 1
  }
  process.stderr.write(`${styled('red', 'error:', process.stderr)} ${error.message}\n`)
  return 2
}
