/** What every new plugin package begins with. */
import { manifest, tsconfig } from './manifest.ts'
import { readme } from './readme.ts'
import { source, test } from './source.ts'

/** Where the package will live decides how it finds the rest of Sluice: in the checkout, or from npm. */
export type TemplateSettings = { name: string; inCheckout: boolean; coreVersion: string }

/** Path in the package → content. */
export function templateFiles({ name, inCheckout, coreVersion }: TemplateSettings): { [path: string]: string } {
  const packageName = inCheckout ? `@sluice/${name}` : name
  const factory = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return {
    'package.json': manifest({ packageName, inCheckout, coreVersion }),
    'tsconfig.json': tsconfig(inCheckout),
    'README.md': readme({ name, packageName, factory }),
    'CHANGELOG.md': '# Changelog\n\n## 0.1.0\n\n- First version.\n',
    'src/index.ts': source({ name, packageName, factory }),
    'test/index.test.ts': test({ name, factory }),
    ...(inCheckout ? {} : { '.gitignore': 'node_modules/\ndist/\n' }),
  }
}
