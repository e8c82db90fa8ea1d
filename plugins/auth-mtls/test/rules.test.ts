import type { ClientCertificate } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { alternativeNames } from '../src/alternative-names.ts'
import { Holders } from '../src/holders.ts'
import type { Client } from '../src/options.ts'
import { ruleOf } from '../src/rules.ts'

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(
  ':',
)
const certificate = (more: Partial<ClientCertificate> = {}): ClientCertificate => ({
  subject: { CN: 'reporter', O: 'Acme', OU: ['Robots', 'Night shift'] },
  issuer: { CN: 'authority' },
  subjectaltname: 'DNS:reporter.svc.example, URI:spiffe://example.org/ns/prod/sa/reporter, IP Address:10.0.0.1',
  fingerprint256: FINGERPRINT,
  valid_to: 'Nov 20 12:00:00 2099 GMT',
  authorized: true,
  ...more,
})
const holders = (...clients: Client[]): Holders =>
  Object.assign(new Holders(clients.map((client) => ruleOf(client, 'mtls'))), { hasAuthority: true })
const principal = (clients: Client | Client[], more: Partial<ClientCertificate> = {}) =>
  holders(...[clients].flat()).principalOf(certificate(more))

describe('a certificate', () => {
  test.each<[Client, boolean]>([
    [{}, true],
    [{ fingerprints: [FINGERPRINT] }, true],
    [{ fingerprints: [FINGERPRINT.toLowerCase().replaceAll(':', '')] }, true],
    [{ fingerprints: [FINGERPRINT.replace('1F', 'FF')] }, false],
    [{ subject: { CN: 'reporter' } }, true],
    [{ subject: { CN: 'report' } }, false],
    [{ subject: { CN: 'rep*', O: 'Acme' } }, true],
    [{ subject: { CN: 'rep*', O: 'Umbrella' } }, false],
    [{ subject: { OU: 'Night*' } }, true],
    [{ san: 'DNS:*.svc.example' }, true],
    [{ san: 'URI:spiffe://example.org/ns/prod/*' }, true],
    [{ san: 'URI:spiffe://example.org/ns/test/*' }, false],
    [{ san: 'URI:*.svc.example' }, false],
    [{ san: 'DNS:*', fingerprints: [FINGERPRINT], subject: { CN: '*' } }, true],
    [{ san: 'email:*' }, false],
  ])('fits %j: %s', (client, fits) => {
    expect(principal(client) !== undefined).toBe(fits)
  })

  test('that says nothing of what is asked for does not fit', () => {
    const bare = { subject: { CN: 'x' } }
    expect(principal({ subject: { O: '*' } }, bare)).toBeUndefined()
    const { subjectaltname: _, ...without } = certificate()
    expect(holders({ san: '*' }).principalOf(without)).toBeUndefined()
  })

  test('is whose the first entry says that fits', () => {
    const clients = [{ subject: { O: 'Umbrella' }, team: 'a' }, { subject: { O: 'Acme' }, team: 'b' }, { team: 'c' }]
    expect(principal(clients)?.team).toBe('b')
  })

  test('makes a principal of what the entry says, and of what it says itself', () => {
    const client: Client = {
      from: { user: 'URI', team: 'OU', organisation: 'O' },
      team: 'fixed',
      roles: ['client', 'viewer'],
      tags: ['machine'],
    }
    expect(principal(client)).toEqual({
      id: 'mtls:spiffe://example.org/ns/prod/sa/reporter',
      name: 'reporter',
      user: 'spiffe://example.org/ns/prod/sa/reporter',
      team: 'fixed',
      organisation: 'Acme',
      roles: ['client', 'viewer'],
      tags: ['machine'],
      permissions: [],
      scopes: [{ kind: 'user', id: 'spiffe://example.org/ns/prod/sa/reporter', sections: {} }],
      metadata: { fingerprint: FINGERPRINT.replaceAll(':', '').toLowerCase() },
    })
    expect(principal({ roles: ['admin'] })?.permissions).toEqual(['*'])
  })

  test('with several names is called by one that makes the entry fit', () => {
    const several = { subjectaltname: 'URI:spiffe://other/x, URI:spiffe://example.org/y, DNS:a.example' }
    const client: Client = {
      san: 'URI:spiffe://example.org/*',
      subject: { OU: 'Night*' },
      from: { user: 'URI', team: 'OU', name: 'DNS' },
    }
    expect(principal(client, several)).toMatchObject({
      user: 'spiffe://example.org/y',
      team: 'Night shift',
      name: 'a.example',
    })
  })

  test('without a usable name is called by its fingerprint', () => {
    const name = FINGERPRINT.replaceAll(':', '').toLowerCase()
    for (const CN of [undefined, '', 'two\nlines', 'x'.repeat(257)])
      expect(principal({}, { subject: { CN } })).toMatchObject({ id: `mtls:${name}`, name })
  })

  test('that no authority of ours has signed is nobody', () => {
    expect(principal({ fingerprints: [FINGERPRINT] }, { authorized: false })).toBeUndefined()
    const known = holders({})
    expect(known.principalOf(certificate())).toBeDefined()
    expect(known.principalOf(certificate({ authorized: false }))).toBeUndefined()
    expect(new Holders([ruleOf({}, 'mtls')]).principalOf(certificate())).toBeUndefined()
  })

  test('that expires while its connection stays open is refused', () => {
    const late = { valid_to: new Date(Date.now() - 1000).toUTCString() }
    expect(() => principal({}, late)).toThrow(expect.objectContaining({ code: 'invalid_api_key' }))
    expect(principal({ subject: { CN: 'other' } }, late)).toBeUndefined()
  })

  test('is looked at once', () => {
    const known = holders({})
    expect(known.principalOf(certificate())).toBe(known.principalOf(certificate()))
  })
})

test.each([
  ['', []],
  ['DNS:a.example', ['DNS:a.example']],
  ['DNS:a.example, DNS:b.example', ['DNS:a.example', 'DNS:b.example']],
  ['IP Address:10.0.0.1, email:x@example.com', ['IP Address:10.0.0.1', 'email:x@example.com']],
  ['URI:"https://x/?a, DNS:evil.example"', ['URI:https://x/?a, DNS:evil.example']],
  [String.raw`DNS:"a\"b, DNS:evil.example", DNS:c`, ['DNS:a"b, DNS:evil.example', 'DNS:c']],
])('the alternative names in %j are %j', (text, names) => {
  expect(alternativeNames(text)).toEqual(names)
})
