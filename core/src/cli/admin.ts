/** `sluice <resource> <verb>`: what a running gateway lets operators do, as its own description says. */
import { didYouMean } from '../options.ts'
import { AdminClient } from './admin-client.ts'
import { commandsOf, verbOf } from './admin-commands.ts'
import type { AdminCommand } from './admin-commands.ts'
import { readArguments, splitGlobals } from './admin-flags.ts'
import { describeCommand, describeResource, describeResources } from './admin-help.ts'
import { shownReply } from './admin-print.ts'
import { say } from './report.ts'
import { failed, UsageError } from './usage-error.ts'

/** Resolves with the exit code: 0 done, 1 refused or failed, 2 wrong usage. `args`: what stands after `sluice`. */
export async function admin(args: readonly string[]): Promise<number> {
  try {
    await run(args)
    return 0
  } catch (error) {
    return failed(error)
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { globals, rest } = splitGlobals(args)
  const client = new AdminClient(globals.url, globals.key)
  const resources = commandsOf(await client.document())
  const [resource, second] = rest
  if (resource === undefined) return say(describeResources(resources))
  const commands = resources.get(resource)
  if (!commands) {
    const known = [...resources.keys()]
    throw new UsageError(
      `"${resource}" is no command, here or at the gateway. It has: ${known.join(', ')}.${didYouMean(resource, known)}`,
    )
  }
  const isNamed = second !== undefined && !second.startsWith('-')
  if (!isNamed && globals.help) return say(describeResource(resource, commands))
  const command = isNamed ? named(second, resource, commands) : verbOf(commands)
  if (!command) return say(describeResource(resource, commands))
  if (globals.help) return say(describeCommand(command))
  const reply = await client.call(command, readArguments(command, rest.slice(isNamed ? 2 : 1), globals.json))
  const shown = shownReply(reply, globals.output)
  if (shown !== '') say(shown)
}

function named(verb: string, resource: string, commands: readonly AdminCommand[]): AdminCommand {
  const command = commands.find((each) => each.verb === verb)
  if (command) return command
  const verbs = commands.map((each) => each.verb)
  throw new UsageError(
    `"${resource}" has no "${verb}". It has: ${verbs.join(', ')}.${didYouMean(verb, verbs)} See: sluice ${resource} --help`,
  )
}
