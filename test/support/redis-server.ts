/** A real Redis for tests that cross packages. */
export { RedisServer } from '../../plugins/store-redis/test/support/redis-server.ts'
