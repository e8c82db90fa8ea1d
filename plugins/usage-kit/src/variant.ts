import { exchangeKey } from '@sluice/core'

/** Which arm of which rollout an exchange was assigned to. */
export type Variant = { rollout: string; variant: string }

/** Set where a rollout had a say in which target answers. */
export const VARIANT = exchangeKey<Variant>('usage-kit/variant')
