/** The operator's list of hosts. */

/** @param patterns hosts in which `*` stands for any run of characters, with a port if it is not the scheme's own */
export function hostMatcher(patterns: readonly string[]): (url: URL) => boolean {
  const any = patterns.map(patternSource).join('|')
  const matcher = new RegExp(`^(?:${any})$`)
  // A port that is the scheme's own is not in a parsed URL, but may be in a pattern.
  return ({ protocol, hostname, port }) => {
    const own = protocol === 'https:' ? '443' : '80'
    return (
      matcher.test(port === '' ? hostname : `${hostname}:${port}`) ||
      (port === '' && matcher.test(`${hostname}:${own}`))
    )
  }
}

function patternSource(pattern: string): string {
  return pattern
    .toLowerCase()
    .split(/\*+/)
    .map((text) => text.replace(/\W/g, '\\$&'))
    .join('[^:]*')
}
