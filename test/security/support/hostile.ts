/** What strangers send in place of a credential. */
import { createHmac } from 'node:crypto'

/** Texts as they go over the wire, in latin1. @param key one that is good */
export function hostileValues(key: string): string[] {
  const last = key.endsWith('x') ? 'y' : 'x'
  return [
    `${key.slice(0, -1)}${last}`,
    key.slice(0, -1),
    key.slice(0, 22),
    key.slice(0, 10),
    `${key}${last}`,
    `${key}\u00a0`,
    `${key}\u0000`,
    `${key}, ${key}`,
    `${key},`,
    `${key} ${key}`,
    `"${key}"`,
    `${key}%00`,
    key.toUpperCase(),
    key.replace('sk-', 'sk_'),
    `sk-sluice-${'0'.repeat(48)}`,
    `sk-sluice-${'0'.repeat(10_240)}`,
    `sk-sluice-__proto__${'0'.repeat(39)}`,
    'a'.repeat(10_240),
    'a'.repeat(40_000),
    'Bearer Bearer',
    `Bearer Bearer ${last}`,
    'Bearer',
    'Bearer ',
    'Basic YWRtaW46YWRtaW4=',
    'Digest username="admin"',
    '',
    ' ',
    '\t',
    '\u0001\u0002\u001b[2J',
    '\u0000',
    '\u007f',
    '\u00ff\u00fe\u0080',
    '\u00c0\u00af',
    'x\r\nx-injected: 1',
    'x\nx-injected: 1',
    'x\rx-injected: 1',
    `x\r\nauthorization: Bearer ${last}`,
    "' OR '1'='1",
    "'; DROP TABLE records; --",
    '" or ""="',
    '{"$ne":null}',
    '[]',
    'null',
    'undefined',
    '__proto__',
    'constructor',
    'toString',
    '${jndi:ldap://x}',
    '%s%n%x',
    '../../etc/passwd',
    '&key=a&key=b',
    '%',
    '%ff',
  ]
}

/** Tokens of an issuer that nobody has signed, or not so that it counts. */
export function jwts(issuer: string): string[] {
  const claims = { iss: issuer, aud: 'sluice', sub: 'mallory', exp: 4_000_000_000, roles: ['admin'] }
  const token = (header: object, body: object, signature: string): string =>
    `${part(header)}.${part(body)}.${signature}`
  const head = { alg: 'EdDSA', typ: 'JWT', kid: 'the-only-one' }
  const signed = `${part({ ...head, alg: 'HS256' })}.${part(claims)}`
  return [
    token({ alg: 'none', typ: 'JWT' }, claims, ''),
    token({ alg: 'NONE', typ: 'JWT' }, claims, ''),
    token({ alg: 'none', typ: 'JWT', kid: 'the-only-one' }, claims, 'AAAA'),
    token(head, claims, ''),
    token(head, claims, 'A'.repeat(86)),
    token({ ...head, kid: 'another' }, claims, 'A'.repeat(86)),
    token({ ...head, kid: '../../etc/passwd' }, claims, 'A'.repeat(86)),
    token({ ...head, kid: ["' or 1=1"] }, claims, 'A'.repeat(86)),
    token({ ...head, jwk: { kty: 'oct', k: 'AAAA' } }, claims, 'A'.repeat(86)),
    token({ ...head, jku: 'http://127.0.0.1:1/keys' }, claims, 'A'.repeat(86)),
    token({ ...head, crit: ['b64'], b64: false }, claims, 'A'.repeat(86)),
    token({ ...head, alg: 'ES256' }, claims, 'A'.repeat(86)),
    `${signed}.${createHmac('sha256', 'the-only-one').update(signed).digest('base64url')}`,
    `${part(head)}.${part(claims)}`,
    `${part(head)}..`,
    `${part({ ...head, enc: 'A256GCM' })}.a.a.a.a`,
    `ey.${part(claims)}.ey`,
    `eyJ.${Buffer.from('{"iss":').toString('base64url')}.eyJ`,
    `${part(head)}.${Buffer.from(`{"iss":"${issuer}","__proto__":{"sub":"a"}}`).toString('base64url')}.AAAA`,
  ]
}

function part(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url')
}

/** Where nothing is, or what is no path. */
export const ODD_PATHS: readonly string[] = [
  '// ///admin/v1/keys / /? /?? /# /v1/models# * gateway:80 http:// http://[ http://other/admin/v1/keys javascript:x',
  '/% /%zz /%00 /%c0%ae%c0%ae/ /.. /../admin/v1/keys /v1/..;/admin/v1/keys /admin/v1/keys\\..\\ /\xff\xfe /é',
  '/admin/v1/keys/% /admin/v1/keys/%ff /admin/v1/keys/%00 /admin/v1/keys/..%2f.. /v1/models/% /v1/files/%ff',
  '/v1beta/models/%:generateContent /passthrough/%/x /passthrough/openai/% /model/%/converse',
  '/v1/realtime?model=% /v1/models?%=%&key=%',
].flatMap((line) => line.split(' '))

export const LONG_PATHS: readonly string[] = [
  `/${'a'.repeat(8_000)}`,
  `/${'a'.repeat(40_000)}`,
  `/admin/v1/keys?${'a&'.repeat(4_000)}`,
  `/v1/models/${'%2f'.repeat(2_000)}`,
]

/** As far as HTTP libraries send it. */
export function withoutControls(text: string): string {
  return text.replaceAll(/(?!\t)\p{Cc}/gu, '?')
}
