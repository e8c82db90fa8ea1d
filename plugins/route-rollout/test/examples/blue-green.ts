export const models = {
  assistant: {
    targets: ['echo/blue'],
    rollout: { kind: 'blue-green', candidate: 'echo/green', watch: '30m' },
  },
}
