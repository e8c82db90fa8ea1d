/**
 * `BucketTable` of `@sluice/store-kit` once more, in SQL: whole numbers are bigint, products numeric, so that nothing
 * is rounded. The span of a claim is the period of a bucket or the end of a window.
 */
export const METERS = `
-- Milliseconds until no more than some units are used of a bucket.
create function sluice.drained(m meters, c claim, rest bigint) returns double precision language sql immutable as $$
  select case
    when m.used <= rest then 0
    when c.most = 0 then 'infinity'
    else div((m.used - rest)::numeric * c.span::bigint + (c.most - 1 - m.credit), c.most)::double precision
  end
$$;

-- Gives back what time gives back. A clock that was set back gives nothing, and runs on from there.
create function sluice.refill(m meters, c claim, now double precision) returns meters language plpgsql immutable as $$
declare
  elapsed bigint := now - m.at;
  returned numeric;
begin
  m.at := now;
  if c.kind = 'window' then
    if m.ends <= now then m.used := 0; end if;
  elsif c.kind = 'bucket' then
    if m.period <> c.span::bigint then
      m.period := c.span;
      m.credit := 0;
    end if;
    if elapsed <= 0 then return m; end if;
    returned := elapsed::numeric * c.most + m.credit;
    if div(returned, m.period) >= m.used then
      m.used := 0;
    else
      m.used := m.used - div(returned, m.period);
      m.credit := mod(returned, m.period);
    end if;
  end if;
  return m;
end
$$;

-- Changes what is used by so much.
create function sluice.charge(m meters, c claim, units bigint) returns meters language plpgsql immutable as $$
begin
  m.used := least(greatest(0, m.used + units), 9007199254740991);
  m.ends := case c.kind when 'window' then c.span when 'bucket' then m.at + drained(m, c, 0) else 'infinity' end;
  return m;
end
$$;

-- The meter of a claim, refilled; a new one if nothing is used of it.
create function sluice.meter_of(c claim, now double precision) returns meters language plpgsql volatile as $$
declare
  m meters;
begin
  select * into m from meters where kind = c.kind and key = c.key;
  if found then
    -- A clock that was set back is remembered, also where nothing is taken: it runs on from there.
    if m.at > now then update meters set at = now where kind = c.kind and key = c.key; end if;
    m := refill(m, c, now);
    if m.used > 0 then return m; end if;
  end if;
  return row(c.kind, c.key, 0, 0, 1, now, 'infinity', gen_random_uuid())::meters;
end
$$;

create function sluice.store(m meters) returns void language plpgsql volatile as $$
begin
  if m.used = 0 or m.ends <= m.at then
    delete from meters where kind = m.kind and key = m.key;
  else
    insert into meters select m.*
    on conflict (kind, key) do update set
      used = m.used, credit = m.credit, period = m.period, at = m.at, ends = m.ends, born = m.born;
  end if;
end
$$;

-- Milliseconds until a claim fits: 0 if it does, infinity if it never will.
create function sluice.wait_for(m meters, c claim) returns double precision language sql immutable as $$
  select case
    when c.amount > c.most then 'infinity'
    when m.used + c.amount <= c.most then 0
    when c.kind = 'slots' then 1000
    when c.kind = 'window' then m.ends - m.at
    else drained(m, c, c.most - c.amount)
  end
$$;

-- What remains, and when it is whole again.
create function sluice.level_of(m meters, c claim) returns double precision[] language sql immutable as $$
  select case
    when m.used = 0 then array[c.most, 0]::double precision[]
    else array[greatest(0, c.most - m.used), case c.kind when 'slots' then 1000 else m.ends - m.at end]::double precision[]
  end
$$;

-- Names that may hold the same are locked in the order of their hashes, so that nobody waits for each other.
create function sluice.lock_of(kind text, name bytea) returns bigint language sql immutable as $$
  select hashtextextended('sluice ' || kind || ' ' || encode(name, 'hex'), 0)
$$;

create function sluice.lock_all(claims claim[]) returns void language plpgsql volatile as $$
declare
  name bigint;
begin
  for name in select distinct lock_of(c.kind, c.key) from unnest(claims) c order by 1 loop
    perform pg_advisory_xact_lock(name);
  end loop;
end
$$;

-- Ends what a lease holds: what its claims came to, or nothing if all goes back. What is kept of them stays held.
-- All is locked.
create function sluice.release(claims claim[], amounts bigint[], kept bigint[], now double precision) returns void
language plpgsql volatile as $$
declare
  c claim;
  m meters;
  more bigint;
  i int := 0;
begin
  foreach c in array claims loop
    i := i + 1;
    more := case c.kind when 'slots' then 0 else coalesce(amounts[i], 0) end + coalesce(kept[i], 0) - c.amount;
    m := meter_of(c, now);
    if more > 0 or m.born = c.born then perform store(charge(m, c, more)); end if;
  end loop;
end
$$;
`
