/** Flags of commands about a running gateway; they are those of `sluice <resource> <verb>`. */
import { Option } from 'commander'
import type { Command } from 'commander'

export type GatewayFlags = { url: string; key?: string; output: 'text' | 'json' }

export function withGatewayFlags(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'address of the gateway').env('SLUICE_URL').default('http://127.0.0.1:8080'))
    .addOption(new Option('--key <key>', 'key of an operator').env('SLUICE_ADMIN_KEY'))
    .addOption(new Option('--output <form>', 'for people or for programs').choices(['text', 'json']).default('text'))
}
