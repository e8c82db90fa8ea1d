/** `sluice inspect` */
import type { GatewayInspection } from '../inspect.ts'
import { withGateway } from './check.ts'
import { columns, say, styled } from './report.ts'

export async function inspectConfig({ config, json }: { config: string; json?: true }): Promise<void> {
  await withGateway(config, (gateway) => {
    const inspection = gateway.inspect()
    say(json ? JSON.stringify(inspection, null, 2) : describeGateway(inspection))
  })
}

/** The sections that have something in them, as text. */
function describeGateway(gateway: GatewayInspection): string {
  const { plugins, capabilities, hooks, dialects, providers, models, routes } = gateway
  return [
    section('Server', pairs(gateway.server)),
    section('Plugins, in the order they are set up', plugins.flatMap(plugin)),
    section('Capabilities', capabilityLines(capabilities, plugins)),
    section(
      'Taps, in the order they run',
      columns(Object.entries(hooks).flatMap(([hook, taps]) => tapRows(hook, taps))),
    ),
    section('Dialects', dialects),
    section(
      'Providers',
      columns(providers.map(({ id, kind, dialect = '', address = '' }) => [id, kind, dialect, address])),
    ),
    section('Models', columns(models.map(({ name, targets }) => [name, targets.join(', ')]))),
    section(
      'Routes',
      columns(routes.map((route) => [route.method.toUpperCase(), route.path, route.permission, route.plugin])),
    ),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [styled('bold', title), ...lines.map((line) => `  ${line}`)].join('\n')
}

function plugin({ id, name, version, options, when }: GatewayInspection['plugins'][number]): string[] {
  const condition = when ? [`  when ${JSON.stringify(when)}`] : []
  const title = id === name ? `${name} ${version}` : `${id} (${name} ${version})`
  return [title, ...condition, ...pairs(options).map((line) => `  ${line}`)]
}

function pairs(value: unknown): string[] {
  return columns(
    Object.entries(value as object).map(([name, item]) => [
      name,
      typeof item === 'string' ? item : JSON.stringify(item),
    ]),
  )
}

function capabilityLines(
  capabilities: GatewayInspection['capabilities'],
  plugins: GatewayInspection['plugins'],
): string[] {
  const rows = Object.entries(capabilities).map(([name, provider]) => {
    const users = plugins.filter(({ requires }) => requires.includes(name)).map(({ id }) => id)
    return [name, `from ${provider}`, users.length > 0 ? `for ${users.join(', ')}` : '']
  })
  return columns(rows)
}

function tapRows(hook: string, taps: GatewayInspection['hooks']['onRequest']): string[][] {
  return taps.map(({ plugin: id, name, stage }, index) => [index === 0 ? hook : '', id, name === id ? '' : name, stage])
}
