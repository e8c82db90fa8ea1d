/** The suite that every plugin must pass. Works with any runner that has `test(name, run)`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TSchema } from 'typebox'
import type { GatewayConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { API_VERSION } from '../plugin.ts'
import type { PluginInstance } from '../plugin.ts'
import type { TestFunction } from './dialect-subject.ts'
import { isObject } from './json.ts'
import { createTestGateway } from './test-gateway.ts'

export interface TestPluginOptions {
  test: TestFunction
  /** The plugin with valid options. */
  plugin: PluginInstance
  /** Plugins that it cannot do without. */
  supporting?: readonly PluginInstance[]
}

/**
 * Registers the tests: the plugin names itself, describes all its options and takes no others; it boots,
 * closes and leaves nothing behind; two instances of it can live in one gateway.
 */
export function testPlugin({ test, plugin, supporting = [] }: TestPluginOptions): void {
  const { definition } = plugin
  const { name } = definition

  test(`${name} says its name, its version and the plugin API it is made for`, () => {
    assert.match(name, /^[a-z]+(-[a-z0-9]+)+$/)
    assert.match(definition.version, /^\d+\.\d+\.\d+/)
    assert.equal(definition.api, API_VERSION)
  })

  test(`${name} describes every option and takes no others`, () => {
    if (definition.options) assertDescribed(definition.options, 'options')
  })

  test(`${name} boots and closes without a complaint, and nothing listens then`, async () => {
    const listening = await listeners()
    const gateway = await createTestGateway({ plugins: [...supporting, plugin] })
    await gateway.close()
    await gateway.close()
    const complaint = gateway.log.find(({ level }) => level === 'error' || level === 'fatal')
    assert.equal(complaint, undefined)
    const port = Number(new URL(gateway.url).port)
    await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
    assert.equal(await listeners(), listening, 'a server of the plugin still listens')
  })

  test(`${name} refuses an option that it does not have`, async () => {
    const [known] = Object.keys(definition.options?.properties ?? {})
    const misspelt = `${known ?? 'option'}x`
    const options = { ...(plugin.options as object), [misspelt]: 1 }
    const error = await refusal({ plugins: [...supporting, { ...plugin, options }] })
    assert.equal(error.code, 'plugin_options')
    const problem = error.problems.find((text) => text.includes(misspelt))
    assert.ok(problem)
    if (known !== undefined) assert.ok(problem.includes(`"${known}"`), `no suggestion in: ${problem}`)
  })

  test(`${name} can live twice in one gateway under two ids`, async () => {
    const [first, second] = ['first', 'second'].map((id) => ({ ...plugin, settings: { ...plugin.settings, id } }))
    const capabilities = Object.fromEntries((definition.provides ?? []).map((token) => [token.name, 'first']))
    await using gateway = await createTestGateway({ plugins: [...supporting, first, second], capabilities })
    assert.ok(gateway.url)
  })
}

/** Objects are closed, and each of their properties says what it is for. */
function assertDescribed(schema: TSchema, at: string): void {
  const { properties, additionalProperties, items, anyOf } = schema as {
    properties?: { [name: string]: TSchema & { description?: string } }
    additionalProperties?: unknown
    items?: TSchema
    anyOf?: TSchema[]
  }
  if (properties) {
    assert.equal(additionalProperties, false, `${at} must be closed: { additionalProperties: false }`)
    for (const [name, property] of Object.entries(properties)) {
      assert.ok(property.description, `${at}.${name} has no description`)
      assertDescribed(property, `${at}.${name}`)
    }
  }
  if (isObject(items)) assertDescribed(items, `${at}[]`)
  for (const branch of anyOf ?? []) assertDescribed(branch, at)
}

async function refusal(config: GatewayConfig): Promise<GatewayError> {
  let gateway
  try {
    gateway = await createTestGateway(config)
  } catch (error) {
    assert.ok(GatewayError.is(error))
    return error
  }
  await gateway.close()
  return assert.fail('the gateway took the config')
}

/** Servers of this process that listen. */
async function listeners(): Promise<number> {
  // A closed server is counted until the event loop has passed its closing phase.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length
}
