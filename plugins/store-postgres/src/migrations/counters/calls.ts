/** The calls. What they change is on disk half a second later: a crash of the server may forget that much. */
export const CALLS = `
create function sluice.claims_of(kinds text[], keys bytea[], amounts bigint[], mosts bigint[], spans double precision[])
returns claim[] language sql immutable as $$
  select coalesce(array_agg(row(kind, key, amount, most, span, null)::claim order by n), '{}')
  from unnest(kinds, keys, amounts, mosts, spans) with ordinality as each(kind, key, amount, most, span, n)
$$;

-- Gives back what leases hold that nobody renews, unless somebody is at it. Waits for nobody.
create function sluice.reap(most int) returns void language plpgsql volatile as $$
declare
  now double precision := clock();
  lease bytea;
  held claim[];
begin
  for lease in select id from leases where expires <= now order by expires limit most loop
    continue when not pg_try_advisory_xact_lock(lock_of('lease', lease));
    select claims into held from leases where id = lease and expires <= now for update skip locked;
    continue when not found or exists (
      select from unnest(held) c where not pg_try_advisory_xact_lock(lock_of(c.kind, c.key)) limit 1
    );
    perform release(held, '{}', '{}', now);
    delete from leases where id = lease;
  end loop;
end
$$;

-- Takes all claims or none. Answers who was short (from 1; 0 if nobody, -1 if the lease is held or was called off),
-- when to ask again, and two numbers a claim: what remains, when it is whole.
create function sluice.reserve(
  lease bytea, life double precision, force boolean,
  kinds text[], keys bytea[], amounts bigint[], mosts bigint[], spans double precision[]
) returns double precision[] language plpgsql volatile set search_path = sluice, pg_temp as $$
declare
  claims claim[] := claims_of(kinds, keys, amounts, mosts, spans);
  ms meters[] := '{}';
  places int[] := '{}';
  now double precision;
  known text;
  c claim;
  m meters;
  place int;
  wait double precision;
  short int := 0;
  longest double precision := 0;
  taken int := 0;
  levels double precision[] := '{}';
begin
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(lock_of('lease', lease));
  select coalesce(state, 'held') into known from leases where id = lease;
  if known = 'held' or known = 'off' or (force and known is not null) then return array[-1]; end if;
  perform lock_all(claims);
  if not force then perform reap(5); end if;
  now := clock();

  for i in 1 .. cardinality(claims) loop
    c := claims[i];
    -- The same key may be named twice.
    place := i;
    for j in 1 .. i - 1 loop
      if claims[j].kind = c.kind and claims[j].key = c.key then place := places[j]; end if;
    end loop;
    places[i] := place;
    m := case when place = i then meter_of(c, now) else refill(ms[place], c, now) end;
    wait := case when force then 0 else wait_for(m, c) end;
    if wait > longest then
      short := i;
      longest := wait;
    end if;
    if short = 0 then
      m := charge(m, c, c.amount);
      claims[i].born := m.born;
      taken := i;
    end if;
    ms[place] := m;
  end loop;

  if short = 0 then
    for i in 1 .. cardinality(claims) loop
      if places[i] = i then perform store(ms[i]); end if;
    end loop;
    insert into leases values (lease, claims, null, now + life)
    on conflict (id) do update set claims = excluded.claims, state = null, expires = excluded.expires;
  else
    for i in 1 .. taken loop
      ms[places[i]] := charge(ms[places[i]], claims[i], -claims[i].amount);
    end loop;
  end if;
  for i in 1 .. cardinality(claims) loop
    levels := levels || level_of(ms[places[i]], claims[i]);
  end loop;
  return array[short, longest] || levels;
end
$$;

-- Ends a lease, once, and remembers that for a while. If nobody knows the lease: 'charge' takes its amounts in full,
-- as it was lost; 'forbid' sees to it that it cannot begin any more; else nothing is done. What is kept of its claims
-- stays held under the name of the rest, if there is one and nobody knows that either. All is locked.
create function sluice.settle(
  lease bytea, unknown text, rest bytea, life double precision, memory double precision,
  claims claim[], totals bigint[], kept bigint[]
) returns void language plpgsql volatile as $$
declare
  known leases;
  keeps boolean := rest is not null and not exists (select from leases where id = rest);
begin
  select * into known from leases where id = lease;
  if known.state is not null then return; end if;
  if known.id is not null then
    perform release(known.claims, totals, case when keeps then kept else '{}' end, clock());
    if keeps then
      insert into leases select rest, array_agg(row(c.kind, c.key, kept[n], c.most, c.span, c.born)::claim order by n), null, clock() + life
      from unnest(known.claims) with ordinality as c(kind, key, amount, most, span, born, n);
    end if;
  elsif unknown = 'charge' then
    for i in 1 .. cardinality(claims) loop claims[i].amount := 0; end loop;
    perform release(claims, totals, '{}', clock());
  elsif unknown <> 'forbid' then
    return;
  end if;
  insert into leases values (lease, '{}', case unknown when 'forbid' then 'off' else 'ended' end, clock() + memory)
  on conflict (id) do update set claims = excluded.claims, state = excluded.state, expires = excluded.expires;
end
$$;

-- Ends leases, one after the other. Each has so many claims, as counts say, in the arrays that follow.
create function sluice.settle_all(
  ids bytea[], unknowns text[], rests bytea[], counts int[], life double precision, memory double precision,
  kinds text[], keys bytea[], amounts bigint[], mosts bigint[], spans double precision[], totals bigint[], kept bigint[]
) returns void language plpgsql volatile set search_path = sluice, pg_temp as $$
declare
  claims claim[] := claims_of(kinds, keys, amounts, mosts, spans);
  held claim[];
  name bigint;
  first int := 1;
  last int;
begin
  perform set_config('synchronous_commit', 'off', true);
  -- Leases come before meters, so that nobody waits for each other.
  for name in select distinct lock_of('lease', id) from unnest(ids || rests) id where id is not null order by 1 loop
    perform pg_advisory_xact_lock(name);
  end loop;
  select array_agg(c) into held from leases, unnest(leases.claims) c where id = any(ids);
  perform lock_all(claims || held);
  for i in 1 .. cardinality(ids) loop
    last := first + counts[i] - 1;
    perform settle(ids[i], unknowns[i], rests[i], life, memory, claims[first:last], totals[first:last], kept[first:last]);
    first := last + 1;
  end loop;
end
$$;

-- Levels as they are: two numbers a claim.
create function sluice.levels(kinds text[], keys bytea[], amounts bigint[], mosts bigint[], spans double precision[])
returns double precision[] language plpgsql volatile set search_path = sluice, pg_temp as $$
declare
  now double precision := clock();
  levels double precision[] := '{}';
  c claim;
begin
  foreach c in array claims_of(kinds, keys, amounts, mosts, spans) loop
    levels := levels || level_of(meter_of(c, now), c);
  end loop;
  return levels;
end
$$;

-- Keeps leases alive, and gives back what others lost. Answers those that nobody knows.
create function sluice.renew(ids bytea[], life double precision) returns setof bytea
language plpgsql volatile set search_path = sluice, pg_temp as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  return query select lease from unnest(ids) lease where not exists (select from leases where id = lease);
  update leases set expires = clock() + life where id = any(ids) and state is null;
  perform reap(100);
end
$$;

create function sluice.reset(name bytea) returns void language plpgsql volatile set search_path = sluice, pg_temp as $$
begin
  perform lock_all(array[
    row('bucket', name, 0, 0, 0, null), row('window', name, 0, 0, 0, null), row('slots', name, 0, 0, 0, null)
  ]::claim[]);
  delete from meters where key = name;
end
$$;
`
