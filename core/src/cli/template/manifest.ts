/** package.json and tsconfig.json of a new plugin. */

/** Development tools of a package outside the checkout; inside, the workspace's catalog names them. */
export const TOOLS = { '@types/node': '^26.6.6', typescript: '^7.0.2', vitest: '^5.1.0' }

type Settings = { packageName: string; inCheckout: boolean; coreVersion: string }

export function manifest({ packageName, inCheckout, coreVersion }: Settings): string {
  const outside = {
    peer: `^${coreVersion}`,
    tools: { '@sluice/core': `^${coreVersion}`, ...TOOLS },
    scripts: { test: 'vitest run', prepack: 'tsc -b' },
  }
  const inside = { peer: 'workspace:^', tools: { '@sluice/core': 'workspace:*', vitest: 'catalog:' }, scripts: {} }
  const { peer, tools, scripts } = inCheckout ? inside : outside
  const built = { types: './dist/index.d.ts', default: './dist/index.js' }
  const fields = {
    name: packageName,
    version: '0.1.0',
    description: 'What it does, in one line.',
    keywords: ['sluice-plugin'],
    license: 'Apache-2.0',
    files: ['dist', 'README.md', 'CHANGELOG.md'],
    type: 'module',
    exports: { '.': inCheckout ? './src/index.ts' : built, './package.json': './package.json' },
    publishConfig: {
      ...(inCheckout && { exports: { '.': built, './package.json': './package.json' } }),
      access: 'public',
    },
    scripts: { build: 'tsc -b', ...scripts },
    devDependencies: tools,
    peerDependencies: { '@sluice/core': peer },
    engines: { node: '>=24' },
  }
  return `${JSON.stringify(fields, null, 2)}\n`
}

export function tsconfig(inCheckout: boolean): string {
  const base = inCheckout ? '../../core/tsconfig.preset.json' : '@sluice/core/tsconfig.json'
  const references = inCheckout ? ',\n  "references": [{ "path": "../../core" }]' : ''
  return `{
  "extends": "${base}",
  "compilerOptions": { "rootDir": "src", "outDir": "dist", "tsBuildInfoFile": "dist/.tsbuildinfo" },
  "include": ["src"]${references}
}
`
}
