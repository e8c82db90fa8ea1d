/** What is counted. Rows of meters change with every request: there is room for that in their pages. */
export const TABLES = `
create table sluice.meters (
  kind text not null,
  key bytea not null,
  used bigint not null,
  credit bigint not null,
  period bigint not null,
  at double precision not null,
  ends double precision not null,
  born uuid not null,
  primary key (kind, key)
) with (fillfactor = 50);

create type sluice.claim as (
  kind text, key bytea, amount bigint, most bigint, span double precision, born uuid
);

-- state: null while it is held; then 'ended', or 'off' if it was called off before it began, and no claims.
create table sluice.leases (
  id bytea primary key,
  claims sluice.claim[] not null,
  state text,
  expires double precision not null
);
create index on sluice.leases (expires);
`
