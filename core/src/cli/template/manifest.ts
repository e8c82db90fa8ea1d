/** package.json and tsconfig.json of a new plugin. */

/** Development tools of a package outside the checkout; inside, the workspace's catalog names them. */
export const TOOLS = { '@types/node': '^26.6.6', typescript: '^7.0.2', vitest: '^5.1.0' }

type Settings = { packageName: string; inCheckout: boolean; coreVersion: string }

export function manifest({ packageName, inCheckout, coreVersion }: Settings): string {
  const outside = {
    peer: `^${coreVersion}`,
    tools: { '@sluice/core': `^${coreVersion}`, ...TOOLS },
    scripts: { test: 'vitest run' },
  }
  const inside = { peer: 'workspace:^', tools: { '@sluice/core': 'workspace:*', vitest: 'catalog:' }, scripts: {} }
  const { peer, tools, scripts } = inCheckout ? inside : outside
  const built = { types: './dist/index.d.ts', default: './dist/index.js' }
  return json({
    name: packageName,
    version: '0.1.0',
    description: 'What it does, in one line.',
    keywords: ['sluice-plugin'],
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=24' },
    exports: { '.': inCheckout ? './src/index.ts' : built, './package.json': './package.json' },
    publishConfig: {
      access: 'public',
      ...(inCheckout && { exports: { '.': built, './package.json': './package.json' } }),
    },
    files: ['dist', 'README.md', 'CHANGELOG.md'],
    scripts: { build: 'tsc -b', ...scripts, ...(!inCheckout && { prepack: 'tsc -b' }) },
    peerDependencies: { '@sluice/core': peer },
    devDependencies: tools,
  })
}

export function tsconfig(inCheckout: boolean): string {
  return json({
    extends: inCheckout ? '../../core/tsconfig.preset.json' : '@sluice/core/tsconfig.json',
    compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src'],
    ...(inCheckout && { references: [{ path: '../../core' }] }),
  })
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
