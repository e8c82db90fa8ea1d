import { expect, test } from 'vitest'
import { CORE, Package, PLUGINS } from './packages.ts'

/** Lines of a file, at most. */
const FILE_LINES = 300
/** Lines of code of the kernel (core without its command line and its test kit): it may shrink, not grow. */
const KERNEL_LINES = 4_380

/** Lines that hold more than white space and comments. A comment may stand behind code, but not in front of it. */
function linesOfCode(text: string): number {
  const bare = text.replace(/^\s*\/\*[^]*?\*\/\s*$/gm, '').replace(/^\s*\/\/.*$/gm, '')
  return bare.split('\n').filter((line) => line.trim() !== '').length
}

const SOURCES = [CORE, ...PLUGINS, new Package('test')].flatMap((each) => {
  const files = each.name === 'test' ? each.files('**/*.ts') : each.files('src/**/*.ts')
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => ({ path: `${each.path}/${file}`, text: each.read(file) }))
})

test('no source file is long', () => {
  const long = SOURCES.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
  expect(long.filter(({ lines }) => lines > FILE_LINES)).toEqual([])
})

test('the kernel does not grow', () => {
  const kernel = SOURCES.filter(({ path }) => /^core\/src\/(?!cli\/|testing\/)/.test(path))
  const lines = kernel.reduce((sum, { text }) => sum + linesOfCode(text), 0)
  const median = kernel.map(({ text }) => linesOfCode(text)).sort((a, b) => a - b)[kernel.length >> 1]
  console.log(`kernel: ${lines} lines of code in ${kernel.length} files, median ${median}`)
  expect(lines).toBeLessThanOrEqual(KERNEL_LINES)
})
