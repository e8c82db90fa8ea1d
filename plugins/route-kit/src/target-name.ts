import type { Target } from '@sluice/core'

/** `provider/model`: what a target is called wherever it is counted, listed or shown. */
export function targetName({ provider, model }: Pick<Target, 'provider' | 'model'>): string {
  return `${provider}/${model}`
}
