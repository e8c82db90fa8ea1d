/** `sluice check` */
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import { ConfigSource } from './config-source.ts'
import { shown } from './explain-import.ts'
import { say } from './report.ts'

/** Builds the gateway of a config as `start` would, does not listen, and hands it to `use`. Its log goes to standard error. */
export async function withGateway(
  config: string,
  use: (gateway: Gateway, source: ConfigSource) => void,
): Promise<void> {
  const source = new ConfigSource(config)
  const gateway = await createGateway(await source.load(), { destination: process.stderr })
  try {
    use(gateway, source)
  } finally {
    await gateway.close()
  }
}

export async function check({ config }: { config: string }): Promise<void> {
  await withGateway(config, (gateway, { path }) => {
    const { plugins, models, providers } = gateway.inspect()
    const counts = [count(plugins, 'plugin'), count(models, 'model'), count(providers, 'provider')]
    say(`${shown(path)} is valid: ${counts.join(', ')}.`)
  })
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`
}
