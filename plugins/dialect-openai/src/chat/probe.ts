import { chunkProbe } from '../chunks/probe-chunks.ts'
import { inlineError } from './errors.ts'

/** Judges the first frames of a stream. */
export const probe = chunkProbe('"delta"', inlineError)
