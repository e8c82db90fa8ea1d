/** What there is, in words. */
import type { AdminCommand, Flag, Schema } from './admin-commands.ts'
import { usageOf } from './admin-flags.ts'
import { columns, styled } from './report.ts'

const GLOBALS = [
  ['--url <url>', 'the gateway (SLUICE_URL, else http://127.0.0.1:8080)'],
  ['--key <key>', 'a key with the permission (SLUICE_ADMIN_KEY)'],
  ['--output <form>', 'text or json'],
  ['--help', 'say what there is'],
]

export function describeResources(resources: ReadonlyMap<string, readonly AdminCommand[]>): string {
  const rows = [...resources].map(([name, commands]) => [name, commands.map(({ verb }) => verb).join(', ')])
  return [
    'Usage: sluice <resource> <verb> [flags]',
    section('Resources', columns(rows)),
    section('Flags', columns(GLOBALS)),
  ].join('\n\n')
}

export function describeResource(resource: string, commands: readonly AdminCommand[]): string {
  const rows = commands.map(({ verb, params, summary }) => [
    [verb, ...params.map((name) => `<${name}>`)].join(' '),
    summary,
  ])
  return [
    `Usage: sluice ${resource} <verb> [flags]`,
    section('Verbs', columns(rows)),
    `sluice ${resource} <verb> --help says more.`,
  ].join('\n\n')
}

export function describeCommand(command: AdminCommand): string {
  const rows = command.flags.map((flag) => [
    `--${flag.name}${flag.isMap ? '[.<name>]' : ''}${valueName(flag.schema)}`,
    about(flag),
  ])
  const body = command.hasBody ? [['--json <object>', 'the whole body, or @file with it; flags come on top']] : []
  const unset = command.method === 'patch' ? [['--unset <field>', 'take a field away']] : []
  return [
    `Usage: ${usageOf(command)}`,
    command.summary,
    section('Flags', columns([...rows, ...body, ...unset, ...GLOBALS])),
  ].join('\n\n')
}

function about({ schema, isRequired }: Flag): string {
  const { description = '', default: fallback, examples = [] } = schema
  const words = schema.enum ?? schema.items?.enum
  return [
    description,
    words ? `One of ${words.map(String).join(', ')}.` : '',
    examples.length > 0 ? `E.g. ${examples.map(String).join(', ')}.` : '',
    fallback === undefined ? '' : `Default: ${JSON.stringify(fallback)}.`,
    isRequired ? '(required)' : '',
  ]
    .filter(Boolean)
    .join(' ')
}

function valueName({ type, properties }: Schema): string {
  if (type === 'boolean') return ''
  if (type === 'array') return ' <a,b>'
  if (properties || type === 'object') return ' <json>'
  return type === 'integer' || type === 'number' ? ' <number>' : ' <text>'
}

function section(title: string, rows: readonly string[]): string {
  return [styled('bold', title), ...rows.map((line) => `  ${line}`)].join('\n')
}
