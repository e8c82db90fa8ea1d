import type { Target } from '@sluice/core'
import type { Passage } from '../passage.ts'

/** Estimates of the input are from above: this part of one is certain. */
const CERTAIN = 0.8

/** `tight`: perhaps. `none`: certainly not. */
export type Fit = 'fits' | 'tight' | 'none'

/** Whether the request, with the output it asks for, has room in the target's context window. */
export function fitOf({ about }: Target, passage: Passage): Fit {
  const window = about?.contextWindow
  if (window === undefined || passage.exchange.operation !== 'chat') return 'fits'
  const { input, output, limited } = passage.estimate
  const asked = limited ? output : 0
  if (input + asked <= window) return 'fits'
  return input * CERTAIN + asked <= window ? 'tight' : 'none'
}
