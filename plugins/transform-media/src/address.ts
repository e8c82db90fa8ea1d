/** Which IP addresses belong to the public internet. */
import { BlockList, isIP } from 'node:net'

/** Not public, after IANA's registry of special-purpose addresses; and the metadata service of Azure, which looks public. */
const REFUSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
/** All that is public is in here: neither loopback, link-local, unique-local and multicast nor mapped IPv4. */
const GLOBAL_V6 = ['2000::', 3] as const
/** Protocols' own (Teredo among them), documentation, and 6to4, which embeds an IPv4 address. */
const REFUSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const global = new BlockList()
global.addSubnet(...GLOBAL_V6, 'ipv6')
const refused = new BlockList()
for (const [net, prefix] of REFUSED_V4) refused.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of REFUSED_V6) refused.addSubnet(net, prefix, 'ipv6')

/** Whether an address may be connected to. */
export type AddressGuard = (address: string) => boolean

/** False also for what is no IP address. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4')
    case 6:
      return global.check(address, 'ipv6') && !refused.check(address, 'ipv6')
    default:
      return false
  }
}
