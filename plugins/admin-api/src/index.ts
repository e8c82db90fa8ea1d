/** `@sluice/admin-api`: what the gateway is made of, for operators, and the description of all that they can do. */
import { definePlugin } from '@sluice/core'
import { mountConfig } from './config.ts'
import { mountMe } from './me.ts'
import { mountModels } from './models.ts'
import { mountOpenapi } from './openapi.ts'

/** Mounts routes; taps nothing. */
export const adminApi = definePlugin({
  name: 'admin-api',
  version: '0.1.0',
  api: 1,
  setup({ router, gateway }) {
    mountModels(router, gateway)
    mountConfig(router, gateway)
    mountMe(router)
    mountOpenapi(router, gateway)
  },
})
