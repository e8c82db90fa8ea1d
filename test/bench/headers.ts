/** Headers of the benchmark's requests and replies. */
import type { Wire } from './wires.ts'

/** What the SDKs made with Stainless send. */
const CLIENT_HEADERS: { readonly [name: string]: string } = {
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate',
  'accept-language': '*',
  authorization: 'Bearer sk-bench-0123456789abcdef0123456789abcdef',
  'content-type': 'application/json',
  'sec-fetch-mode': 'cors',
  'user-agent': 'OpenAI/JS 7.55.0',
  'x-stainless-arch': 'x64',
  'x-stainless-lang': 'js',
  'x-stainless-os': 'Linux',
  'x-stainless-package-version': '7.55.0',
  'x-stainless-retry-count': '0',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v26.10.0',
}

/** Headers of a client's request, beside content type and length. */
export function clientHeaders(wire: Wire): { [name: string]: string } {
  return { ...CLIENT_HEADERS, ...(wire === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}) }
}

/** Headers of an upstream's reply, beside those of its body. */
export const UPSTREAM_HEADERS: { readonly [name: string]: string } = {
  date: 'Fri, 20 Nov 2026 06:52:48 GMT',
  connection: 'keep-alive',
  server: 'cloudflare',
  'cf-cache-status': 'DYNAMIC',
  'openai-processing-ms': '412',
  'openai-version': '2020-10-01',
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-remaining-requests': '9999',
  'x-request-id': 'req_011CdEr5G1SYtpTkVd1HniUF',
}
