/**
 * What the scripts have in common: `BucketTable` of `@sluice/store-kit` once more, in Lua 5.1, whose numbers are
 * doubles as well. A meter is kept as MessagePack under a key of its own, with the time to live that it has.
 */
export const METERS = String.raw`
local HUGE = math.huge
local SAFE = 9007199254740991
local HOUR = 3600000
local SLOT_WAIT = 1000
-- A bucket that hardly refills is not kept for longer than this.
local AGE = 1000 * 24 * HOUR
-- Longer than this is for ever.
local ERA = 1e14

local prefix = ARGV[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- (a * b + c) / d and what that leaves over, without rounding on the way.
local function divide(a, b, c, d)
  local sum = a * b + c
  if a * b <= SAFE and sum <= SAFE then
    local rest = math.fmod(sum, d)
    return (sum - rest) / d, rest
  end
  local b_rest, c_rest = math.fmod(b, d), math.fmod(c, d)
  if c_rest < 0 then c_rest = c_rest + d end
  local quotient, rest = 0, 0
  local function add(n)
    if rest >= d - n then
      rest = rest - (d - n)
      quotient = quotient + 1
    else
      rest = rest + n
    end
  end
  for bit = 52, 0, -1 do
    quotient = quotient * 2
    add(rest)
    if math.floor(a / 2 ^ bit) % 2 == 1 then add(b_rest) end
  end
  add(c_rest)
  return quotient + a * ((b - b_rest) / d) + (c - c_rest) / d, rest
end

-- Claims come as four values each: kind, amount, limit, and the period or the end. Others may follow each.
local function claims_of(first, names, width)
  local claims = {}
  for i = 1, #names do
    local at = first + (i - 1) * (width or 4)
    local amount, limit, span = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
    claims[i] = { name = names[i], kind = ARGV[at], amount = amount, limit = limit, span = span == 'inf' and HUGE or tonumber(span) }
  end
  return claims
end

local function drained(meter, claim, rest)
  if meter.used <= rest then return 0 end
  if claim.limit == 0 then return HUGE end
  return (divide(meter.used - rest, claim.span, claim.limit - 1 - meter.credit, claim.limit))
end

local function refill(meter, claim)
  local elapsed = now - meter.at
  meter.at = now
  if claim.kind == 'w' then
    if meter.ends <= now then meter.used = 0 end
  elseif claim.kind == 'b' then
    if meter.period ~= claim.span then
      meter.period = claim.span
      meter.credit = 0
    end
    if elapsed <= 0 then return end
    local back, credit = divide(elapsed, claim.limit, meter.credit, claim.span)
    if back >= meter.used then
      meter.used = 0
    else
      meter.used = meter.used - back
      meter.credit = credit
    end
  end
end

local function charge(meter, claim, units)
  meter.used = math.min(math.max(0, meter.used + units), SAFE)
  meter.ends = claim.kind == 'w' and claim.span or claim.kind == 'b' and now + drained(meter, claim, 0) or HUGE
end

local meters = {}
local store

-- The meter of a claim, refilled, if anything is used of it.
local function find(claim)
  local meter = meters[claim.name]
  if meter == nil then
    local packed = redis.call('GET', claim.name)
    if packed then
      local used, credit, period, at, ends, born = unpack(cmsgpack.unpack(packed))
      meter = { used = used, credit = credit, period = period, at = at, ends = ends, born = born }
    end
  end
  if not meter then return nil end
  local is_back = meter.at > now
  refill(meter, claim)
  meters[claim.name] = meter.used > 0 and meter or false
  -- A clock that was set back is remembered, also where nothing is taken: it runs on from there.
  if is_back then store(claim) end
  return meters[claim.name] or nil
end

local births = 0
local function obtain(claim)
  local meter = find(claim)
  if not meter then
    births = births + 1
    local born = clock[1] .. '.' .. clock[2] .. '.' .. births
    meter = { used = 0, credit = 0, period = 1, at = now, ends = HUGE, born = born }
    meters[claim.name] = meter
  end
  return meter
end

function store(claim)
  local meter = meters[claim.name]
  if not meter or meter.used == 0 or meter.ends <= now then
    redis.call('DEL', claim.name)
    return
  end
  local packed = cmsgpack.pack({ meter.used, meter.credit, meter.period, meter.at, meter.ends, meter.born })
  local life = claim.kind == 's' and HOUR or meter.ends - now
  if claim.kind == 'b' then life = math.min(life, AGE) end
  if life > ERA then
    redis.call('SET', claim.name, packed)
  else
    redis.call('SET', claim.name, packed, 'PX', string.format('%.0f', math.ceil(life)))
  end
end

local function wait_for(meter, claim)
  if claim.amount > claim.limit then return HUGE end
  if meter.used + claim.amount <= claim.limit then return 0 end
  if claim.kind == 's' then return SLOT_WAIT end
  if claim.kind == 'w' then return meter.ends - now end
  return drained(meter, claim, claim.limit - claim.amount)
end

local function text(number)
  return number == HUGE and 'inf' or string.format('%.0f', number)
end

local function level_of(claim)
  local meter = find(claim)
  if not meter then return text(claim.limit), '0' end
  return text(math.max(0, claim.limit - meter.used)), claim.kind == 's' and '1000' or text(meter.ends - now)
end

-- Ends what a lease holds: amounts of its claims, or nothing if all goes back. What is kept of them stays held.
local function release(held, amounts, kept)
  for i, claim in ipairs(held) do
    local rest = kept and kept[i] or 0
    local more = (claim.kind ~= 's' and amounts[i] or 0) + rest - claim.amount
    local current = find(claim)
    if more > 0 or current and current.born == claim.born then
      charge(current or obtain(claim), claim, more)
      store(claim)
    end
    claim.amount = rest
  end
end

local function pack_lease(claims)
  local list = {}
  for i, claim in ipairs(claims) do
    list[i] = { claim.name, claim.kind, claim.amount, claim.limit, claim.span, claim.born }
  end
  return cmsgpack.pack(list)
end

local function unpack_lease(packed)
  local claims = {}
  for i, each in ipairs(cmsgpack.unpack(packed)) do
    claims[i] = { name = each[1], kind = each[2], amount = each[3], limit = each[4], span = each[5], born = each[6] }
  end
  return claims
end

local function hold(leases, lease, claims, life)
  redis.call('SET', prefix .. 'lease:' .. lease, pack_lease(claims), 'PX', HOUR)
  redis.call('ZADD', leases, now + life, lease)
  redis.call('PEXPIRE', leases, HOUR)
end

-- What is under the name of a lease that is over: ended, or called off before it began.
local function is_over(value)
  return value == 'ended' or value == 'off'
end

-- Gives back what leases hold that nobody renews.
local function reap(leases, count)
  local lost = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, count)
  for _, lease in ipairs(lost) do
    local name = prefix .. 'lease:' .. lease
    local packed = redis.call('GET', name)
    if packed and not is_over(packed) then
      release(unpack_lease(packed), {})
      redis.call('DEL', name)
    end
    redis.call('ZREM', leases, lease)
  end
end
`
