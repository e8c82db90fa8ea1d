/** `sluice`, as its users have it. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MANIFEST = import.meta.resolve('@sluice/core/package.json')
const MAIN = fileURLToPath(new URL('./src/cli/main.ts', MANIFEST))

/** Runs a command to its end. Times are left out of what it says: they are never the same. */
export function sluice(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    SLUICE_URL: undefined,
    SLUICE_ADMIN_KEY: undefined,
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout: stdout.replaceAll(/\d+\.\d\d ms/g, '# ms'), stderr }),
    )
  })
}
