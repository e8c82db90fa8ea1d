/** A description of what operators can do, as a gateway gives it. */
import { commandsOf } from '../../src/cli/admin-commands.ts'
import type { AdminCommand, OpenApi, Schema } from '../../src/cli/admin-commands.ts'

const text = (description?: string): Schema => ({ type: 'string', ...(description !== undefined && { description }) })

const KEY_INPUT: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: text('What people call it.'),
    models: { type: 'array', items: text() },
    ports: { type: 'array', items: { type: 'integer' } },
    disabled: { type: 'boolean', default: false },
    expiresAt: text(),
    limits: {
      type: 'object',
      properties: {
        requests: text(),
        concurrency: { type: 'integer' },
        deep: { type: 'object', properties: { er: text() } },
      },
    },
    budget: { $ref: '#/components/schemas/Budget' },
    ttl: { type: ['string', 'number'] },
    window: { anyOf: [{ type: 'string' }, { type: 'object', properties: {} }] },
    period: { enum: ['day', 'week'] },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
    weights: { type: 'object', patternProperties: { '^.*$': { type: 'number' } } },
    rules: { type: 'array', items: { type: 'object' } },
  },
}
const PAGE: Schema = { type: 'object', properties: { data: { type: 'array', items: { type: 'object' } }, next: {} } }
const answer = (schema: Schema) => ({ responses: { 200: { content: { 'application/json': { schema } } } } })
const body = (schema: Schema) => ({ requestBody: { content: { 'application/json': { schema } } } })
const id = { in: 'path', name: 'id', required: true, schema: text() }

export const DOCUMENT: OpenApi = {
  paths: {
    '/metrics': { get: { summary: 'Metrics.' } },
    '/admin/v1/keys': {
      get: {
        summary: 'List keys.',
        parameters: [
          { in: 'query', name: 'limit', description: 'How many.', schema: { type: 'integer', default: 50 } },
          { in: 'query', name: 'tag', schema: { type: 'array', items: text() } },
        ],
        ...answer(PAGE),
      },
      post: {
        summary: 'Create a key.',
        parameters: [{ in: 'header', name: 'Idempotency-Key', schema: text() }],
        ...body({ $ref: '#/components/schemas/KeyInput' }),
      },
    },
    '/admin/v1/keys/{id}': {
      get: { summary: 'Show a key.', parameters: [id] },
      patch: {
        summary: 'Change a key.',
        parameters: [id, { in: 'header', name: 'If-Match', schema: text() }],
        ...body(KEY_INPUT),
      },
      put: { summary: 'Replace a key.', parameters: [id], ...body(KEY_INPUT) },
      delete: { summary: 'Delete a key.', parameters: [id] },
    },
    '/admin/v1/keys/{id}/rotate': { post: { summary: 'Rotate a key.', ...body({ properties: { grace: text() } }) } },
    '/admin/v1/keys/{id}/members': { get: { summary: 'Members.' }, post: { summary: 'Add one.' } },
    '/admin/v1/audit/verify': { get: { summary: 'Verify.' } },
    '/admin/v1/usage/rows': { get: { summary: 'Rows.', ...answer(PAGE) } },
    '/admin/v1/me': { get: { summary: 'Who you are.', ...answer({ type: 'object' }) } },
  },
  components: {
    schemas: {
      KeyInput: KEY_INPUT,
      Budget: { type: 'object', properties: { amount: { type: 'number' }, period: text() } },
    },
  },
}

const COMMANDS = commandsOf(DOCUMENT)

export function command(resource: string, verb: string): AdminCommand {
  return COMMANDS.get(resource)!.find((each) => each.verb === verb)!
}
