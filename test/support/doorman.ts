import { definePlugin } from '@sluice/core'

/** Lets everybody in, to do everything. */
export const doorman = definePlugin({
  name: 'auth-doorman',
  version: '1.0.0',
  api: 1,
  setup: ({ hooks }) => hooks.authenticate.tap('open', () => ({ id: 'somebody', permissions: ['*'] })),
})
