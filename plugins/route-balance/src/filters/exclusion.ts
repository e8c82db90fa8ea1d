/** What a target lacks: of what the request asks, of what rules demand, or of its own speed. */
export type Lack = 'context' | 'capability' | 'requirement' | 'allowance'

/** Why a target may not serve an exchange. */
export interface Exclusion {
  lack: Lack
  /** As a clause: `it cannot do tools`. */
  reason: string
  /** Milliseconds until it may be otherwise. */
  wait?: number
}
