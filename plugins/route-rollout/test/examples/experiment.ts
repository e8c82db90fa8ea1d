export const rollouts = {
  tone: {
    model: 'assistant',
    kind: 'experiment',
    by: 'user',
    arms: {
      control: { targets: 'echo/plain', weight: 2 },
      friendly: { targets: 'echo/friendly' },
      terse: { targets: ['echo/terse', 'echo/terse-reserve'] },
    },
    guardrails: { errorRate: { max: 0.03 } },
  },
}
