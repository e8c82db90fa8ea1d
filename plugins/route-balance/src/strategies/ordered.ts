import type { Field } from '../field.ts'
import type { Strategy } from './strategy.ts'

/** As the config has them. */
export class Ordered implements Strategy {
  readonly unit = 'place in the config'

  rank({ candidates }: Field): void {
    for (let place = 0; place < candidates.length; place++) candidates[place]!.score = place
  }
}
