/** A real PostgreSQL for tests that cross packages. */
export { PostgresServer } from '../../plugins/store-postgres/test/support/postgres-server.ts'
