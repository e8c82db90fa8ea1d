export const models = {
  assistant: {
    targets: ['echo/stable'],
    rollout: {
      candidate: 'echo/candidate',
      percent: 20,
      alpha: 0.01,
      minSamples: 200,
      guardrails: {
        errorRate: { max: 0.01 },
        latency: { maxRatio: 1.5, quantile: 0.95 },
        ttft: { maxRatio: 1.3, quantile: 0.5 },
        cost: { maxRatio: 1.2 },
        feedback: { maxDrop: 0.1, name: 'helpful' },
      },
    },
  },
}
