/** README.md of a new plugin: the sections that every plugin has, in their order. */

export function readme({ name, packageName, factory }: { name: string; packageName: string; factory: string }): string {
  return `# ${packageName}

What it does, in one or two sentences.

## Use

\`\`\`ts
import { defineConfig } from '@sluice/core'
import { ${factory} } from '${packageName}'

export default defineConfig({
  plugins: [${factory}({ header: 'x-hello' })],
})
\`\`\`

## Options

<!-- options:start -->
| Option | Type | Default | Meaning |
| --- | --- | --- | --- |
| \`header\` | string | \`'x-${name}'\` | Reply header that says the plugin was here. |
<!-- options:end -->

## Hooks

| Hook | Why |
| --- | --- |
| \`onResponse\` | The headers of a reply may still be changed. |

## Errors

None of its own.

## Limits

None known.
`
}
