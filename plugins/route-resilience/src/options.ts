/** What an operator may set: for all models in the plugin's options, for one in its section `resilience`. */
import { Duration, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { AGAIN } from './fault.ts'
import type { AgainFault } from './fault.ts'

const closed = { additionalProperties: false }
const times = { minimum: 0, maximum: 10 }

const OF_FAULT: { readonly [F in AgainFault]: string } = {
  unreachable: 'after a connection that could not be made',
  reset: 'after a connection that was closed without an answer, or in the middle of one',
  timeout: 'after a time limit, 408 and 504',
  conflict: 'after 409',
  rateLimit: 'after 429',
  overloaded: 'after 503 and 529',
  server: 'after any other 5xx, also if it stands inside a 200',
  garbled: 'after an answer that cannot be read',
}

const perFault = Object.fromEntries(
  AGAIN.map((fault) => [
    fault,
    Type.Optional(Type.Integer({ ...times, description: `Calls again ${OF_FAULT[fault]}; \`max\` if absent.` })),
  ]),
) as { [F in AgainFault]: ReturnType<typeof Type.Optional<ReturnType<typeof Type.Integer>>> }

const Retries = Type.Object(
  {
    max: Type.Optional(
      Type.Integer({ ...times, description: 'Calls again of targets that have failed, for one request; 5 if absent.' }),
    ),
    ...perFault,
    base: Type.Optional(
      Duration('The first wait is a part, by chance, of this; it doubles with each call. 200ms if absent.'),
    ),
    longest: Type.Optional(Duration('What the waits grow to; 5s if absent.')),
    retryAfter: Type.Optional(
      Duration('Longest wait that an upstream may ask for before another target is taken; 10s if absent.'),
    ),
  },
  { ...closed, description: 'When a target that has failed is called again, if no other one is left.' },
)

const models = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 16, description }))

const Timeouts = Type.Object(
  {
    firstByte: Type.Optional(Duration('Until the first event of a stream.')),
    idle: Type.Optional(Duration('Between two pieces of a stream.')),
    total: Type.Optional(Duration('For the whole of one call.')),
  },
  { ...closed, description: "Time limits of each call, in place of its provider's." },
)

const SlowStream = Type.Object(
  {
    tokensPerSecond: Type.Number({ exclusiveMinimum: 0, description: 'Slower streams are given up.' }),
    for: Type.Optional(Duration('If they are, on average, for so long; 10s if absent.')),
  },
  { ...closed, description: 'Ends streams that trickle. They are decoded and written anew for it.' },
)

const Hedge = Type.Object(
  {
    after: Type.Union([Type.Literal('p95'), Duration('A fixed time.')], {
      description: "Time without an answer, or `'p95'`: the time in which the target begins 95 % of its answers.",
    }),
  },
  { ...closed, description: 'Calls the next target beside a slow one. The first usable answer wins.' },
)

/** Of one model, or of all. */
export const Policy = Type.Object(
  {
    maxAttempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Upstream calls for one request; 8 if absent.' }),
    ),
    deadline: Type.Optional(
      Duration('Time for all of a request, from its first call; without it, no call begins after 10m.'),
    ),
    retries: Type.Optional(Retries),
    fallbacks: models('Models, or `provider/model`, to go to when no target of this one answers.'),
    contextWindowFallbacks: models('To go to when the request is too long for the model.'),
    contentPolicyFallbacks: models("To go to when the provider's filter refuses the request."),
    budgetFallbacks: models("To go to when a budget, or the provider's account, has no money left."),
    timeouts: Type.Optional(Timeouts),
    slowStream: Type.Optional(SlowStream),
    hedge: Type.Optional(Hedge),
  },
  { ...closed, description: 'How requests for the model survive failures.' },
)
export type Policy = Static<typeof Policy>

const Breaker = Type.Object(
  {
    consecutive: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Failures in a row that open it; 10 if absent.' }),
    ),
    errorRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Part of failures above which it opens, if that is more than chance; 0.5 if absent.',
      }),
    ),
    minimum: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Calls in the window before the rate counts; 20 if absent.' }),
    ),
    window: Type.Optional(Duration('Time that the rate is taken over; 30s if absent.')),
    open: Type.Optional(Duration('How long it is open at first; it doubles each time. 5s if absent.')),
    longest: Type.Optional(Duration('How long it is open at most; 5m if absent.')),
  },
  { ...closed, description: 'The circuit breaker that every target has.' },
)

const RetryBudget = Type.Object(
  {
    ratio: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Calls again for each first call; 0.2 if absent.' }),
    ),
    perMinute: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000, description: 'Calls again that are always there; 30 if absent.' }),
    ),
  },
  { ...closed, description: 'Keeps calls again from becoming a storm. Each target has its own, in each process.' },
)

const Probes = Type.Object(
  {
    targets: Type.Array(Type.String({ pattern: '^[^/]+/.+$' }), {
      minItems: 1,
      maxItems: 100,
      description: 'Chat models to ask, as `provider/model`.',
    }),
    interval: Type.Optional(Duration('How often, if nobody else has asked meanwhile; 30s if absent, 1s at least.')),
    timeout: Type.Optional(Duration('How long an answer may take; 10s if absent.')),
  },
  { ...closed, description: 'Asks targets for a few tokens now and then, to know how they are.' },
)

const Shedding = Type.Object(
  {
    lag: Type.Optional(Duration('Delay of the event loop (p99) above which requests are refused.')),
    inFlight: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Requests at once in a process, above which others are refused.' }),
    ),
    retryAfter: Type.Optional(Duration('When refused clients are told to come back; 1s if absent.')),
  },
  { ...closed, description: 'Refuses requests while the process has too much to do, those of low priority first.' },
)

export const Options = Type.Object(
  {
    ...Policy.properties,
    clientFallbacks: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 16,
        description: 'Models that a client may list in `models`; 5 if absent. With 0 the field is left alone.',
      }),
    ),
    breaker: Type.Optional(Breaker),
    retryBudget: Type.Optional(RetryBudget),
    probes: Type.Optional(Probes),
    shedding: Type.Optional(Shedding),
  },
  closed,
)
export type Options = Static<typeof Options>
