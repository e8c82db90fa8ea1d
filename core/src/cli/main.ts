#!/usr/bin/env node
/** `sluice`: the command line. Exit codes: 0 done, 1 failed, 2 wrong usage. */
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { check } from './check.ts'
import { DEFAULT_CONFIG } from './config-source.ts'
import { createPlugin, pluginName } from './create.ts'
import type { ExplainFlags } from './explain.ts'
import { withGatewayFlags } from './gateway-flags.ts'
import { inspectConfig } from './inspect.ts'
import { didYouMean } from '../options.ts'
import type { ReplayFlags } from './replay.ts'
import { start } from './start.ts'
import { failed } from './usage-error.ts'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('It is a number from 0 to 65535; 0 takes a free port.')
}

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number from 1 to 99999.')
}

const sluice = new Command('sluice')
  .description('The open AI gateway.')
  .version(manifest.version)
  .showHelpAfterError('(sluice help shows what there is)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))

/** A command about one config file. */
const command = (name: string, description: string): Command => {
  return sluice.command(name).description(description).option('-c, --config <file>', 'the config', DEFAULT_CONFIG)
}

command('start', 'Serve the gateway until SIGTERM or SIGINT; SIGHUP reads the config again.')
  .option('-H, --host <host>', 'address to listen on, instead of server.host')
  .option('-p, --port <port>', 'port to listen on, instead of server.port; 0 takes a free one', port)
  .option('-w, --watch', 'read the config again when it changes')
  .action(start)
command('check', 'Say whether the config is valid, without serving it.').action(check)
command('inspect', 'Show what the config makes: plugins, taps in order, models, providers, routes.')
  .option('--json', 'as JSON')
  .action(inspectConfig)
withGatewayFlags(
  sluice
    .command('explain')
    .description('Say what a running gateway would do with a request: targets, reasons, taps, limits, price.')
    .option('-m, --model <name>', 'the model, as a client names it')
    .option('--message <text>', 'what the user says', 'Hello')
    .option('--json <body>', 'the whole body of a chat completion, or @file with it')
    .option('--key-id <id>', 'id of the key that the client would have'),
).action(async (flags: ExplainFlags) => (await import('./explain.ts')).explain(flags))
withGatewayFlags(
  sluice
    .command('replay')
    .description('Ask again what a running gateway has recorded, and compare the answers.')
    .option('-t, --target <provider/model>', 'who is to answer')
    .option('-c, --config <file>', 'answer with the gateway of this config, in this process')
    .option('-m, --model <name>', 'only requests for this model')
    .option('-n, --limit <count>', 'the newest ones, so many at most', count, 20)
    .option('--since <moment>', 'not older: a moment like 2026-11-20T12:00:00Z, or a time like 2h'),
).action(async (flags: ReplayFlags) => (await import('./replay.ts')).replay(flags))
sluice
  .command('create')
  .description('Write the beginnings of something new.')
  .command('plugin')
  .description('Write a new plugin package that builds and passes its tests.')
  .argument('<name>', 'kind and name, e.g. limit-rate', pluginName)
  .option('-d, --dir <folder>', 'where to write it (default: plugins/<name> in a Sluice checkout, else ./<name>)')
  .action(createPlugin)

sluice
  .command('admin')
  .description('List what operators can do at a running gateway, as `sluice <resource> <verb>`.')
  .usage('[resource] [verb] [flags]')

/** Of what is not built in: the gateway may have it. One word alone, or nearly a command, is rather a mistake. */
function isForGateway([first = '', second]: readonly string[]): boolean {
  const builtIn = ['help', ...sluice.commands.map((each) => each.name())]
  if (first === 'admin') return true
  if (first.startsWith('-') || builtIn.includes(first) || didYouMean(first, builtIn) !== '') return false
  return second !== undefined || process.env['SLUICE_ADMIN_KEY'] !== undefined
}

const args = process.argv.slice(2)
try {
  if (isForGateway(args)) {
    const { admin } = await import('./admin.ts')
    process.exitCode = await admin(args[0] === 'admin' ? args.slice(1) : args)
  } else await sluice.parseAsync()
} catch (error) {
  process.exit(failed(error))
}
