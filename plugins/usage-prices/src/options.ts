import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const closed = { additionalProperties: false }
const price = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description }))

/** Dollars, of a million tokens where nothing else is said. */
const RATES = {
  input: price('Input that no cache had.'),
  output: price('Output.'),
  cacheRead: price('Input read from a cache. Default: as input.'),
  cacheWrite: price('Input written to a cache. Default: as input.'),
  cacheWrite1h: price('Input written to a cache for an hour. Default: as other cache writes.'),
  reasoning: price('Reasoning. Default: as output.'),
  audio: price('Sound in the input. Default: as input.'),
  image: price('Images in the input. Default: as input.'),
  outputAudio: price('Sound in the output. Default: as output.'),
  outputImage: price('Images in the output. Default: as output.'),
  request: price('A request, besides its tokens.'),
  search: price('A search, in the web or among documents.'),
  second: price('A second of sound.'),
}
const tier = Type.Object(
  { above: Type.Integer({ minimum: 1, description: 'Tokens of input, all kinds.' }), ...RATES },
  closed,
)
const PriceSchema = Type.Object(
  {
    ...RATES,
    tiers: Type.Optional(Type.Array(tier, { description: 'What is dearer, or cheaper, for larger inputs.' })),
  },
  closed,
)
/** Dollars; `tiers` change some of them. */
export type Price = Static<typeof PriceSchema>

const PATTERN = '^[^/]+(/.+)?$'
const factors = (description: string, maximum: number) =>
  Type.Optional(Type.Record(Type.String({ pattern: PATTERN }), Type.Number({ minimum: 0, maximum }), { description }))

export const Options = Type.Object(
  {
    prices: Type.Optional(
      Type.Record(Type.String({ pattern: PATTERN }), PriceSchema, {
        description:
          'Target (`provider/model`, `*` for any run of characters) → US dollars per million tokens: `input`, `output`, `cacheRead`, …',
      }),
    ),
    catalogue: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Whether targets without a price here have that of the bundled list.',
      }),
    ),
    discount: factors('Target → share taken off the bundled list, e.g. `0.1` for ten percent.', 1),
    margin: factors('Target → share put on every price, e.g. `0.2` for twenty percent.', 100),
    trustReported: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether a cost that the provider itself reports wins over the price, as with OpenRouter.',
      }),
    ),
  },
  closed,
)
