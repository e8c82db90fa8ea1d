export const models = {
  assistant: {
    targets: ['echo/stable'],
    rollout: { candidate: 'echo/candidate', percent: 5, by: 'header', header: 'x-tenant' },
  },
}
