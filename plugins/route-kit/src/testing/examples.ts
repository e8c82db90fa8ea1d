/** The suite of the examples in a plugin's README: they are what operators copy. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Gateway, GatewayConfig } from '@sluice/core'

export interface ExamplesSubject {
  /** Of vitest or node:test. */
  test: (name: string, run: () => Promise<void>) => unknown
  /** `createTestGateway` of `@sluice/core/testing`. */
  boot: (config: GatewayConfig) => Promise<AsyncDisposable & { readonly gateway: Gateway }>
  /** That of the package. */
  folder: string
  /** Its name; every example has it. */
  plugin: string
  /** Third-level headings of the README under which there is an example, in their order: a whole config. */
  titles: readonly string[]
}

/** Registers the tests: there are these examples and no others, and a gateway boots with each. */
export function testExamples({ test, boot, folder, plugin, titles }: ExamplesSubject): void {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const examples = Array.from(
    readme.matchAll(/### (.*)\n(?:(?!###)[^])*?```ts\n([^]*?)```/g),
    ([, title = '', code = '']) => [title, code] as const,
  )

  test('there is an example of everything that can be set', async () => {
    assert.deepEqual(
      examples.map(([title]) => title),
      titles,
    )
  })

  for (const [title, code] of examples) {
    test(`the example of ${title} boots`, async () => {
      // Here, so that the packages it names are found.
      const place = mkdtempSync(join(folder, 'test', 'example-'))
      try {
        const file = join(place, 'config.ts')
        writeFileSync(file, code)
        const { default: config } = (await import(pathToFileURL(file).href)) as { default: GatewayConfig }
        await using booted = await boot(config)
        const plugins = booted.gateway.inspect().plugins.map(({ name }) => name)
        assert.ok(plugins.includes(plugin), plugins.join())
      } finally {
        rmSync(place, { recursive: true })
      }
    })
  }
}
