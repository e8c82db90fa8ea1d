import { describe, expect, test } from 'vitest'
import { isPublic } from '../src/address.ts'
import { hostMatcher } from '../src/hosts.ts'

describe('an address is public', () => {
  test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '223.255.255.255'])(
    '%s',
    (address) => expect(isPublic(address)).toBe(true),
  )
  test.each(['2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450::1', '2003::1'])('%s', (address) =>
    expect(isPublic(address)).toBe(true),
  )
})

describe('an address is not public', () => {
  test.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['CGNAT', '100.64.0.1'],
    ['CGNAT', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local', '169.254.1.1'],
    ['metadata of AWS, Google and Azure', '169.254.169.254'],
    ['metadata of ECS', '169.254.170.2'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['wire server of Azure', '168.63.129.16'],
    ['documentation', '192.0.2.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarks', '198.19.0.1'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped, though public', '::ffff:8.8.8.8'],
    ['mapped in hexadecimal', '::ffff:7f00:1'],
    ['compatible', '::127.0.0.1'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['discard', '100::1'],
    ['unique local', 'fc00::1'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with its zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['no address', 'example.com'],
    ['no address', ''],
  ])('%s: %s', (_, address) => expect(isPublic(address)).toBe(false))
})

test.each([
  [['example.com'], 'https://example.com/a.png', true],
  [['example.com'], 'http://example.com/a.png', true],
  [['Example.com'], 'https://EXAMPLE.com/a.png', true],
  [['example.com'], 'https://example.com:8443/', false],
  [['example.com:8443'], 'https://example.com:8443/', true],
  [['example.com:8443'], 'https://example.com/', false],
  [['example.com:443'], 'https://example.com/', true],
  [['example.com:443'], 'http://example.com/', false],
  [['example.com'], 'https://example.com.evil.test/', false],
  [['example.com'], 'https://evilexample.com/', false],
  [['example.com'], 'https://exampleXcom/', false],
  [['*.example.com'], 'https://a.b.example.com/', true],
  [['*.example.com'], 'https://example.com/', false],
  [['a.test', 'b.test'], 'https://b.test/', true],
  [['*'], 'https://anything.test/', true],
  [['*'], 'https://anything.test:22/', false],
  [['*:8443'], 'https://anything.test:8443/', true],
  [['*'], 'https://[2606:4700::1]/', false],
])('hosts %j and %s: %s', (patterns, url, expected) => {
  expect(hostMatcher(patterns)(new URL(url))).toBe(expected)
})
