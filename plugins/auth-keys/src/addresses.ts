/** Which addresses of clients a list of addresses and ranges holds. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import { invalidRequest } from '@sluice/core'

/** @throws GatewayError `invalid_request` for what is neither an address nor a range, e.g. `10.0.0.0/8`, `2001:db8::/32` */
export function addresses(ranges: readonly string[]): (ip: string) => boolean {
  const list = new BlockList()
  for (const [index, range] of ranges.entries()) add(list, range, `ips[${index}]`)
  // What is no address, as that of an exchange of the gateway's own, is in no list.
  return (ip) => isIP(ip) !== 0 && list.check(ip, family(ip))
}

function add(list: BlockList, range: string, param: string): void {
  const [, address = '', bits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? []
  const most = isIPv4(address) ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  if (isIP(address) === 0 || prefix > most) {
    throw invalidRequest(`"${range}" is no address and no range, as "10.0.0.0/8" or "2001:db8::/32".`, param)
  }
  list.addSubnet(address, prefix, family(address))
}

const family = (ip: string): 'ipv4' | 'ipv6' => (isIPv4(ip) ? 'ipv4' : 'ipv6')
